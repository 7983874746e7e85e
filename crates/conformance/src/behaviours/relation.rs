//! What belongs to rows, by relation.

use crate::{Work, World, values};
use reprieve_core::driver::{Row, RowSink};
use reprieve_core::error::Result;
use reprieve_core::query::{Order, Predicate, RelationPath, Select, Source, Via, Visibility};
use reprieve_core::value::Value;
use reprieve_engine::PlanSink;

/// The posts of users, as pairs of a post's key and the key it was found by.
struct Posts {
    path: RelationPath,
    pairs: Vec<(i64, i64)>,
    kept: usize,
}

impl Posts {
    fn of(work: &Work) -> Self {
        let posts = work.table("posts");
        let via = Via::Column(posts.position("user_id").unwrap());
        Self { path: RelationPath { target: posts, via }, pairs: Vec::new(), kept: 0 }
    }

    /// Those that this narrows to, in its order.
    async fn find(
        mut self,
        work: &mut Work,
        keys: &[Value],
        narrow: impl Fn(&Source, &mut Select),
    ) -> Vec<(i64, i64)> {
        let row = Source::new(0, &self.path.target, Visibility::Live);
        let mut select = Select::columns(row.clone(), vec![row.key()]);
        narrow(&row, &mut select);
        let path = self.path.clone();
        work.related_among(&path, select, keys.to_vec(), &mut self).await.unwrap();
        self.pairs
    }
}

impl RowSink for Posts {
    fn row(&mut self, row: &dyn Row) -> Result<()> {
        let int = |position| match row.cell(position)?.to_value() {
            Value::Int(key) => Ok(key),
            other => panic!("not an integer key: {other:?}"),
        };
        self.pairs.push((int(0)?, int(1)?));
        Ok(())
    }

    fn restart(&mut self) {
        self.pairs.truncate(self.kept);
    }
}

impl PlanSink for Posts {
    fn keep(&mut self) {
        self.kept = self.pairs.len();
    }
}

/// NULL is no key, and nobody's post is not a post of its.
pub async fn what_belongs_to_keys_comes_with_its_key_and_is_live(world: World) {
    let mut work = world.work();
    for key in 1..=2 {
        work.add("users", values![id: key, name: "ada"]).await;
    }
    for (key, user) in [(10, 1), (11, 2), (12, 1), (13, 1)] {
        work.add("posts", values![id: key, user_id: user]).await;
    }
    work.add("posts", values![id: 14]).await;
    work.delete("posts", 12).await;
    let keys = [2.into(), 1.into(), 3.into(), Value::Null];
    let all = Posts::of(&work).find(&mut work, &keys, |_, _| {}).await;
    assert_eq!(all, [(10, 1), (13, 1), (11, 2)]);
    let later = |row: &Source, select: &mut Select| {
        select.order.push(Order::descending(row.key()));
        select.filter = Predicate::In(row.key(), vec![10.into(), 11.into(), 12.into()]);
    };
    assert_eq!(Posts::of(&work).find(&mut work, &keys, later).await, [(11, 2), (10, 1)]);
    assert_eq!(Posts::of(&work).find(&mut work, &[Value::Null], later).await, []);
}
