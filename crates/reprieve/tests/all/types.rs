//! Every type of field: what goes in comes out, and what has no stored form is refused.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use reprieve::{Database, Date, Kind, Model, Session, Time, Timestamp, Value};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Value)]
struct Email(String);

#[derive(Debug, Clone, Copy, PartialEq, Value)]
#[value(rename_all = "kebab-case")]
enum Mood {
    VeryGood,
    #[value(rename = "so so")]
    Fair,
    Bad,
}

/// A model with one field of each type, and one that may be NULL.
macro_rules! kinds {
    ($($name:ident: $of:ty),+ $(,)?) => {
        #[derive(Debug, Clone, PartialEq, Model)]
        #[model(table = "kinds")]
        struct Kinds {
            #[model(primary_key)]
            id: i64,
            $($name: Option<$of>,)+
        }

        /// The same columns, none of them NULL.
        #[derive(Debug, Clone, PartialEq, Model)]
        #[model(table = "full_kinds")]
        struct Full {
            #[model(primary_key)]
            id: i64,
            $($name: $of,)+
        }
    };
}

kinds! {
    int64: i64, int32: i32, int16: i16, int8: i8, uint32: u32, uint16: u16, uint8: u8,
    float64: f64, float32: f32, flag: bool, text: String, bytes: Vec<u8>,
    at: Timestamp, day: Date, clock: Time,
    chrono_at: DateTime<Utc>, chrono_day: NaiveDate, chrono_clock: NaiveTime,
    uuid: Uuid, decimal: Decimal, json: serde_json::Value,
    texts: Vec<String>, numbers: Vec<i64>, small: Vec<i32>, floats: Vec<f64>, flags: Vec<bool>,
    email: Email, mood: Mood,
}

async fn session() -> (tempfile::TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", folder.path().join("types.db").display());
    let database = Database::builder(address).model::<Kinds>().model::<Full>().connect().unwrap();
    database.create_tables().await.unwrap();
    (folder, database.session().unwrap())
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// Stores a value, reads the row again, and finds it by the value.
macro_rules! kept {
    ($session:ident, $field:ident, $column:ident: $($value:expr),+ $(,)?) => {$({
        let value = $value;
        let row = Kinds::create().$field(value.clone()).insert(&mut $session).await.unwrap();
        assert_eq!(row.$field.as_ref(), Some(&value), "as inserted");
        let read = Kinds::get(&mut $session, row.id).await.unwrap().unwrap();
        assert_eq!(read, row, "as read");
        let found = Kinds::filter(Kinds::$column.eq(value).and(Kinds::ID.eq(row.id)));
        assert!(found.exists(&mut $session).await.unwrap(), "as found: {row:?}");
    })+};
}

#[tokio::test]
async fn numbers_are_kept_to_their_ends() {
    let (_folder, mut session) = session().await;
    kept!(session, int64, INT64: i64::MIN, -1, 0, i64::MAX);
    kept!(session, int32, INT32: i32::MIN, i32::MAX);
    kept!(session, int16, INT16: i16::MIN, i16::MAX);
    kept!(session, int8, INT8: i8::MIN, i8::MAX);
    kept!(session, uint32, UINT32: 0, u32::MAX);
    kept!(session, uint16, UINT16: u16::MAX);
    kept!(session, uint8, UINT8: u8::MAX);
    kept!(session, float64, FLOAT64: 0.1, -0.0, 1.0, f64::MAX, f64::MIN_POSITIVE);
    kept!(session, float32, FLOAT32: 0.1, f32::MAX);
    kept!(session, flag, FLAG: true, false);
}

#[derive(Debug, PartialEq, Model)]
#[model(table = "spans")]
struct Span {
    #[model(primary_key)]
    id: i64,
    #[model(allow_infinity)]
    until: f64,
}

#[tokio::test]
async fn infinity_is_kept_where_the_field_says_so() {
    let database = reprieve::Database::builder("sqlite::memory:").model::<Span>().connect().unwrap();
    database.create_tables().await.unwrap();
    let mut session = database.session().unwrap();
    for until in [f64::INFINITY, f64::NEG_INFINITY] {
        let span = Span::create().until(until).insert(&mut session).await.unwrap();
        assert_eq!(Span::get(&mut session, span.id).await.unwrap(), Some(span));
    }
    let error = Span::create().until(f64::NAN).insert(&mut session).await.unwrap_err();
    assert_eq!(error.context().field().as_deref(), Some("until"));
}

#[tokio::test]
async fn texts_and_bytes_are_kept_byte_by_byte() {
    let (_folder, mut session) = session().await;
    kept!(session, text, TEXT: text(""), text("a\0b"), text("𝕳 é e\u{301} 名"), text("'; --%_\\"), "x".repeat(100_000));
    kept!(session, bytes, BYTES: vec![], vec![0, 255, 0], (0..=255).collect::<Vec<u8>>());
    kept!(session, email, EMAIL: Email(text("ada@example.org")), Email(text("")));
    kept!(session, mood, MOOD: Mood::VeryGood, Mood::Fair, Mood::Bad);
}

#[tokio::test]
async fn instants_dates_and_times_are_kept_to_the_microsecond() {
    let (_folder, mut session) = session().await;
    kept!(session, at, AT: Timestamp::MIN, Timestamp::from_microseconds(-1), Timestamp::MAX);
    kept!(session, day, DAY: Date { year: 1, month: 1, day: 1 }, Date { year: 9999, month: 12, day: 31 });
    kept!(session, clock, CLOCK: Time::from_microseconds(0), Time::from_microseconds(86_399_999_999));
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    kept!(session, chrono_at, CHRONO_AT: at("0001-01-01T00:00:00Z"), at("2025-10-22T10:30:00.000001Z"),
        at("1969-12-31T23:59:59.999999Z"), at("9999-12-31T23:59:59.999999Z"));
    kept!(session, chrono_day, CHRONO_DAY: NaiveDate::from_ymd_opt(1, 1, 1).unwrap(),
        NaiveDate::from_ymd_opt(2024, 2, 29).unwrap(), NaiveDate::from_ymd_opt(9999, 12, 31).unwrap());
    kept!(session, chrono_clock, CHRONO_CLOCK: NaiveTime::MIN, NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).unwrap());
    let finer = at("2025-10-22T10:30:00.123456789Z");
    let row = Kinds::create().chrono_at(finer).insert(&mut session).await.unwrap();
    assert_eq!(row.chrono_at, Some(at("2025-10-22T10:30:00.123456Z")), "as it is stored");
}

#[tokio::test]
async fn decimals_are_exact_and_compared_as_numbers() {
    let (_folder, mut session) = session().await;
    let decimal = |text: &str| Decimal::from_str_exact(text).unwrap();
    kept!(session, decimal, DECIMAL: decimal("0"), decimal("-0.10"), Decimal::MAX, Decimal::MIN,
        decimal("0.0000000000000000000000000001"), decimal("12345678901234567890.12345678"));
    let stored = Kinds::create().decimal(decimal("1.50")).insert(&mut session).await.unwrap();
    assert_eq!(stored.decimal.unwrap().to_string(), "1.50", "with its digits");
    let same = Kinds::filter(Kinds::DECIMAL.eq(decimal("1.5")).and(Kinds::DECIMAL.lt(decimal("10"))));
    assert_eq!(same.all(&mut session).await.unwrap(), [stored]);
}

#[tokio::test]
async fn documents_lists_and_ids_are_kept() {
    let (_folder, mut session) = session().await;
    kept!(session, uuid, UUID: Uuid::nil(), Uuid::max(), Uuid::now_v7());
    let read = |row: Kinds| (row.json, row.texts, row.numbers, row.small, row.floats, row.flags);
    for (document, texts) in [
        (json!(null), vec![]),
        (json!({"a": [1, 2.5, "é\u{0}𝕳", null, true], "": {}}), vec![text(""), text("a,\"b\0𝕳")]),
        (json!([i64::MIN, u64::MAX]), vec![text("x"); 1000]),
    ] {
        let row =
            Kinds::create().json(document.clone()).texts(texts.clone()).numbers(vec![i64::MIN, i64::MAX]);
        let row = row.small(vec![i32::MAX]).floats(vec![0.1, -1.0]).flags(vec![true, false]);
        let row = row.insert(&mut session).await.unwrap();
        let stored = Kinds::get(&mut session, row.id).await.unwrap().unwrap();
        assert_eq!(stored, row);
        let expected = (
            Some(document),
            Some(texts),
            Some(vec![i64::MIN, i64::MAX]),
            Some(vec![i32::MAX]),
            Some(vec![0.1, -1.0]),
            Some(vec![true, false]),
        );
        assert_eq!(read(stored), expected);
    }
}

#[tokio::test]
async fn null_is_none_and_nothing_else_is() {
    let (_folder, mut session) = session().await;
    let empty = Kinds::create().insert(&mut session).await.unwrap();
    let read = Kinds::get(&mut session, empty.id).await.unwrap().unwrap();
    assert_eq!(read, empty);
    assert!(read.text.is_none() && read.json.is_none() && read.texts.is_none() && read.mood.is_none());
    let given = Kinds::create().text("").json(json!(null)).texts(vec![]).bytes(vec![]);
    let given = given.insert(&mut session).await.unwrap();
    assert_eq!(given.text.as_deref(), Some(""));
    assert_eq!((given.json, given.texts, given.bytes), (Some(json!(null)), Some(vec![]), Some(vec![])));
    let nulls = Kinds::filter(Kinds::JSON.is_null()).count(&mut session).await.unwrap();
    assert_eq!(nulls, 1);
}

#[tokio::test]
async fn a_row_of_every_type_is_changed_field_by_field() {
    let (_folder, mut session) = session().await;
    let at: DateTime<Utc> = "2025-10-22T10:30:00Z".parse().unwrap();
    let full =
        Full::create().int64(1).int32(2).int16(3_i16).int8(4_i8).uint32(5_u32).uint16(6_u16).uint8(7_u8);
    let full = full.float64(1.5).float32(2.5_f32).flag(true).text("text").bytes(vec![1]).at(Timestamp::MIN);
    let full =
        full.day(Date { year: 2025, month: 1, day: 2 }).clock(Time::from_microseconds(1)).chrono_at(at);
    let full =
        full.chrono_day(at.date_naive()).chrono_clock(at.time()).uuid(Uuid::nil()).decimal(Decimal::ONE);
    let full = full.json(json!({})).texts(vec![]).numbers(vec![]).small(vec![]).floats(vec![]).flags(vec![]);
    let full = full.email(Email(text("a@b"))).mood(Mood::Bad);
    let mut row = full.insert(&mut session).await.unwrap();
    row.update()
        .int8(-1_i8)
        .texts(vec![text("x")])
        .mood(Mood::Fair)
        .decimal(Decimal::TEN)
        .save(&mut session)
        .await
        .unwrap();
    assert_eq!((row.int8, row.mood, &row.texts[..]), (-1, Mood::Fair, &[text("x")][..]));
    assert_eq!(Full::get(&mut session, row.id).await.unwrap().as_ref(), Some(&row));
}

#[tokio::test]
async fn newtypes_are_searched_as_what_is_inside_of_them() {
    let (_folder, mut session) = session().await;
    Kinds::create().email(Email(text("Ada@Example.org"))).insert(&mut session).await.unwrap();
    for filter in [
        Kinds::EMAIL.contains("@Ex"),
        Kinds::EMAIL.icontains("ADA"),
        Kinds::EMAIL.starts_with("Ada"),
        Kinds::EMAIL.ends_with(".org"),
        Kinds::EMAIL.iexact("ada@example.ORG"),
    ] {
        assert_eq!(Kinds::filter(filter).count(&mut session).await.unwrap(), 1);
    }
}

/// What cannot be stored, the field, and a part of what the error says.
#[tokio::test]
async fn what_has_no_stored_form_is_refused_with_its_field() {
    let (_folder, mut session) = session().await;
    let far = NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap();
    let before = NaiveDate::from_ymd_opt(-44, 3, 15).unwrap();
    let new = Kinds::create;
    let cases = [
        (new().float64(f64::NAN), "float64", "NaN cannot be stored"),
        (new().float32(f32::NAN), "float32", "NaN cannot be stored"),
        (new().float64(f64::INFINITY), "float64", "expected a finite number"),
        (new().floats(vec![1.0, f64::NAN]), "floats", "JSON has neither NaN nor infinity"),
        (new().floats(vec![f64::NEG_INFINITY]), "floats", "JSON has neither NaN nor infinity"),
        (new().chrono_day(far), "chrono_day", "expected a date that exists"),
        (new().chrono_day(before), "chrono_day", "expected a date that exists"),
        (new().chrono_at(DateTime::<Utc>::MAX_UTC), "chrono_at", "an instant lies between"),
        (new().at(Timestamp::from_microseconds(i64::MIN)), "at", "an instant lies between"),
        (new().day(Date { year: 2023, month: 2, day: 29 }), "day", "expected a date that exists"),
        (
            new().clock(Time { hour: 24, minute: 0, second: 0, microsecond: 0 }),
            "clock",
            "a time of day lies between",
        ),
    ];
    for (row, field, says) in cases {
        let error = row.insert(&mut session).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.context().field().as_deref()),
            (Kind::InvalidValue, Some(field)),
            "{error}"
        );
        assert!(
            error.to_string().starts_with(&format!("Kinds.{field}: ")) && error.to_string().contains(says),
            "{error}"
        );
    }
    assert_eq!(Kinds::all().count(&mut session).await.unwrap(), 0);
}

#[tokio::test]
async fn dates_beyond_what_is_stored_can_be_compared_with() {
    let (_folder, mut session) = session().await;
    let last = NaiveDate::from_ymd_opt(9999, 12, 31).unwrap();
    let end = Timestamp::MAX;
    Kinds::create().chrono_day(last).at(end).insert(&mut session).await.unwrap();
    let (far, before) =
        (NaiveDate::from_ymd_opt(10_000, 1, 1).unwrap(), NaiveDate::from_ymd_opt(-1, 1, 1).unwrap());
    for (filter, expected) in [
        (Kinds::CHRONO_DAY.lt(far), 1),
        (Kinds::CHRONO_DAY.eq(far), 0),
        (Kinds::CHRONO_DAY.gt(before), 1),
        (Kinds::AT.lte(Timestamp::from_microseconds(i64::MAX)), 1),
        (Kinds::AT.gt(Timestamp::from_microseconds(i64::MIN)), 1),
    ] {
        let shown = format!("{filter:?}");
        assert_eq!(Kinds::filter(filter).count(&mut session).await.unwrap(), expected, "{shown}");
    }
}

#[tokio::test]
async fn what_another_program_wrote_is_named_when_it_does_not_fit() {
    let (_folder, mut session) = session().await;
    for (field, sql) in [
        ("int8", "200"),
        ("flag", "2"),
        ("mood", "'happy'"),
        ("day", "'yesterday'"),
        ("json", "'{'"),
        ("small", "'[3000000000]'"),
        ("uuid", "x'00'"),
    ] {
        session.sql(&format!("INSERT INTO kinds ({field}) VALUES ({sql})")).execute().await.unwrap();
        let error = Kinds::all().all(&mut session).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.context().field().as_deref()),
            (Kind::Database, Some(field)),
            "{error}"
        );
        session.rollback().await.unwrap();
    }
}
