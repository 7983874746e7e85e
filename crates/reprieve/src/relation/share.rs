//! Handing out the rows of a relation to those that they belong to.

use super::rows::Pair;
use std::ops::Range;

/// What each owner gets of the rows that belong to its key. A row that belongs to several is cloned; the last of them
/// gets the row itself.
pub(super) fn share<R: Clone, L>(
    wanted: &[Option<usize>],
    mut pairs: Vec<Pair>,
    rows: Vec<R>,
    gather: impl Fn(&mut dyn Iterator<Item = R>) -> L,
) -> Vec<L> {
    // Stable: rows of one key stay in the order they came.
    pairs.sort_by_key(|(number, _)| *number);
    let ranges = ranges(&pairs, wanted.len());
    let range = |number: &Option<usize>| number.map_or(0..0, |number| ranges[number].clone());
    let mut uses = vec![0_usize; rows.len()];
    for number in wanted {
        pairs[range(number)].iter().for_each(|(_, position)| uses[*position] += 1);
    }
    let mut rows: Vec<Option<R>> = rows.into_iter().map(Some).collect();
    let mut take = |position: usize| {
        uses[position] -= 1;
        if uses[position] == 0 { rows[position].take() } else { rows[position].clone() }
    };
    let each = wanted.iter().map(|number| {
        let positions = pairs[range(number)].iter().map(|(_, position)| *position);
        gather(&mut positions.filter_map(&mut take))
    });
    each.collect()
}

/// Where the pairs of each number are.
fn ranges(pairs: &[Pair], numbers: usize) -> Vec<Range<usize>> {
    let mut ranges = vec![0..0; numbers];
    let mut start = 0;
    for chunk in pairs.chunk_by(|a, b| a.0 == b.0) {
        ranges[chunk[0].0] = start..start + chunk.len();
        start += chunk.len();
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_owner_gets_its_rows_in_order_and_shares_those_of_others() {
        let rows = vec!["a", "b", "c"];
        let pairs = vec![(1, 2), (0, 0), (1, 1), (0, 2)];
        let shared = share(&[Some(0), None, Some(1), Some(0)], pairs, rows, |rows| rows.collect::<Vec<_>>());
        assert_eq!(shared, [vec!["a", "c"], vec![], vec!["c", "b"], vec!["a", "c"]]);
    }

    #[test]
    fn only_rows_that_several_own_are_cloned() {
        #[derive(Debug)]
        struct Counted(u32);
        impl Clone for Counted {
            fn clone(&self) -> Self {
                Self(self.0 + 1)
            }
        }
        let shared =
            share(&[Some(0), Some(1), Some(0)], vec![(0, 0), (1, 1)], vec![Counted(0), Counted(0)], |rows| {
                rows.next().map(|row| row.0)
            });
        assert_eq!(shared, [Some(1), Some(0), Some(0)]);
    }
}
