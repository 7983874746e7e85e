//! Long lists in parts: every row once, from where the part before ended.

use crate::content::Rows;
use crate::{Work, World, values};
use reprieve_core::error::{Kind, Result};
use reprieve_core::query::{Order, Select, Source};
use reprieve_core::value::Value;
use reprieve_engine::Place;

/// Six live books on shelves 1, 1, 2, 2 and none, and a deleted one.
async fn books(world: &World) -> Work {
    let mut work = world.work();
    for shelf in [1, 2] {
        work.add("shelves", values![id: shelf]).await;
    }
    for (key, shelf) in [(1, 2), (2, 1), (3, 2), (4, 1)] {
        work.add("books", values![id: key, shelf_id: shelf]).await;
    }
    for key in 5..=7 {
        work.add("books", values![id: key]).await;
    }
    work.delete("books", 7).await;
    work.save().await;
    work
}

/// The keys of live books, by shelf.
fn by_shelf(world: &World, descending: bool) -> Select {
    let books = world.table("books");
    let source = Source::live(0, &books);
    let shelf = source.column(books.position("shelf_id").unwrap());
    Select::columns(source.clone(), vec![source.key()]).order_by(Order { by: shelf, descending })
}

async fn part(
    work: &mut Work,
    select: Select,
    after: Option<&[Value]>,
    rows: u64,
) -> Result<(Vec<i64>, Option<Place>)> {
    let mut sink = Rows { kinds: vec![select.from.table.key().kind().clone()], rows: Vec::new() };
    let place = work.read_on(select, after, rows, &mut sink).await?;
    Ok((keys(sink), place))
}

async fn page(
    work: &mut Work,
    select: Select,
    cursor: Option<&str>,
    rows: u64,
) -> Result<(Vec<i64>, Option<String>)> {
    let mut sink = Rows { kinds: vec![select.from.table.key().kind().clone()], rows: Vec::new() };
    let next = work.read_page(select, cursor, rows, &mut sink).await?;
    Ok((keys(sink), next))
}

fn keys(sink: Rows) -> Vec<i64> {
    let key = |row: Vec<Value>| match row[..] {
        [Value::Int(key)] => key,
        ref other => panic!("no key: {other:?}"),
    };
    sink.rows.into_iter().map(key).collect()
}

/// In both directions, through NULL and ties.
pub async fn parts_of_any_size_lead_through_all_rows_once(world: World) {
    let mut work = books(&world).await;
    for (descending, whole) in [(false, [5, 6, 2, 4, 1, 3]), (true, [1, 3, 2, 4, 5, 6])] {
        for size in 1..=7 {
            let (mut found, mut place): (Vec<i64>, Option<Place>) = (Vec::new(), None);
            loop {
                let select = by_shelf(&world, descending);
                let (keys, next) = part(&mut work, select, place.as_deref(), size).await.unwrap();
                found.extend(keys);
                place = next;
                if place.is_none() {
                    break;
                }
            }
            assert_eq!(found, whole, "descending: {descending}, {size} at once");
        }
    }
}

/// Neither the end of the part nor a row before it has to be there any more.
pub async fn what_changes_behind_a_part_moves_nothing(world: World) {
    let mut work = books(&world).await;
    let (first, place) = part(&mut work, by_shelf(&world, false), None, 3).await.unwrap();
    assert_eq!(first, [5, 6, 2]);
    work.delete("books", 2).await;
    work.gone("books", 5).await.unwrap();
    work.add("books", values![id: 0]).await;
    let (rest, end) = part(&mut work, by_shelf(&world, false), place.as_deref(), 9).await.unwrap();
    assert_eq!((rest, end), (vec![4, 1, 3], None));
}

/// No transaction, so that others write.
pub async fn nothing_is_held_between_parts(world: World) {
    let mut work = books(&world).await;
    let (_, place) = part(&mut work, by_shelf(&world, false), None, 2).await.unwrap();
    assert!(!work.in_transaction());
    let mut other = world.work();
    other.add("books", values![id: 9, shelf_id: 2]).await;
    other.save().await;
    let (rest, _) = part(&mut work, by_shelf(&world, false), place.as_deref(), 9).await.unwrap();
    assert_eq!(rest, [2, 4, 1, 3, 9]);
}

/// It is text, and holds all that is needed.
pub async fn a_cursor_leads_to_the_next_page_in_any_session(world: World) {
    let mut work = books(&world).await;
    let (first, cursor) = page(&mut work, by_shelf(&world, true), None, 4).await.unwrap();
    assert_eq!(first, [1, 3, 2, 4]);
    let (second, end) = page(&mut world.work(), by_shelf(&world, true), cursor.as_deref(), 4).await.unwrap();
    assert_eq!((second, end), (vec![5, 6], None));
}

/// Nor is any other text accepted.
pub async fn a_cursor_of_another_list_is_refused(world: World) {
    let mut work = books(&world).await;
    let (_, cursor) = page(&mut work, by_shelf(&world, true), None, 4).await.unwrap();
    for cursor in [cursor.as_deref(), Some(""), Some("1")] {
        let error = page(&mut work, by_shelf(&world, false), cursor, 4).await.unwrap_err();
        assert_eq!((error.kind(), error.context().field().as_deref()), (Kind::InvalidValue, Some("cursor")));
    }
}

/// Its type is that of the key it names.
pub async fn a_reference_to_a_uuid_is_an_order_to_read_on_in(world: World) {
    let mut work = world.work();
    for device in [1, 2] {
        work.add("devices", values![id: [device; 16]]).await;
    }
    for (key, device) in [(1, 2), (2, 1), (3, 2)] {
        work.add("readings", values![id: key, device_id: [device; 16]]).await;
    }
    let readings = world.table("readings");
    let source = Source::live(0, &readings);
    let device = source.column(readings.position("device_id").unwrap());
    let select =
        || Select::columns(source.clone(), vec![source.key()]).order_by(Order::ascending(device.clone()));
    let (first, cursor) = page(&mut work, select(), None, 2).await.unwrap();
    let (second, _) = page(&mut work, select(), cursor.as_deref(), 2).await.unwrap();
    assert_eq!((first, second), (vec![2, 1], vec![3]));
}
