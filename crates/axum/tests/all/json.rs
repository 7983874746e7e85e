//! What rows and values look like as JSON.

use crate::support::{Shelf, World};
use reprieve::{Date, Model, Time, Timestamp};
use serde_json::{json, to_value};

#[tokio::test]
async fn a_deleted_row_is_the_row_with_its_deletion() {
    let world = World::new().await;
    let mut session = world.database.session().unwrap();
    let live = Shelf::create().label("live").insert(&mut session).await.unwrap();
    let gone = Shelf::create().label("gone").insert(&mut session).await.unwrap();
    let gone = gone.soft_delete(&mut session).because("spam").by(7).await.unwrap();
    let deletion = gone.deletion();
    let expected = json!({
        "id": gone.row().id,
        "label": "gone",
        "deletion": {
            "id": deletion.id.to_string(),
            "at": to_value(deletion.at).unwrap(),
            "actor": "7",
            "reason": "spam",
            "cascade": false,
        },
    });
    assert_eq!(to_value(&gone).unwrap(), expected);
    let rows = Shelf::with_deleted().order_by(Shelf::ID.asc()).all(&mut session).await.unwrap();
    assert_eq!(to_value(rows).unwrap(), json!([{"id": live.id, "label": "live"}, expected]));
}

#[test]
fn instants_dates_and_times_are_iso_8601_there_and_back() {
    let noon = Timestamp::parse("2025-10-22 10:30:00").unwrap();
    let text = |instant| to_value(instant).unwrap();
    assert_eq!(text(noon), json!("2025-10-22T10:30:00+00:00"));
    let later = Timestamp::from_microseconds(noon.microseconds() + 1500);
    assert_eq!(text(later), json!("2025-10-22T10:30:00.001500+00:00"));
    for instant in [noon, later] {
        assert_eq!(serde_json::from_value::<Timestamp>(text(instant)).unwrap(), instant);
    }
    assert_eq!(serde_json::from_str::<Timestamp>("\"2025-10-22T12:30:00+02:00\"").unwrap(), noon);
    let (date, time) = later.parts();
    assert_eq!(to_value((date, time)).unwrap(), json!(["2025-10-22", "10:30:00.001500"]));
    assert_eq!(serde_json::from_str::<Date>("\"2025-10-22\"").unwrap(), date);
    assert_eq!(serde_json::from_str::<Time>("\"10:30:00.0015\"").unwrap(), time);
    let refused = serde_json::from_str::<Timestamp>("\"soon\"").unwrap_err().to_string();
    assert!(refused.contains("an instant such as"), "{refused}");
}
