//! Each endpoint, as the FastAPI blog answers it: paths, statuses, bodies.

use crate::server::Blog;
use serde_json::json;
use tempfile::TempDir;

fn start() -> (TempDir, Blog) {
    let folder = tempfile::tempdir().unwrap();
    let blog = Blog::start(folder.path());
    (folder, blog)
}

#[tokio::test]
async fn a_post_is_written_with_its_fields_in_order() {
    let (_folder, blog) = start();
    let answer = blog.call("POST /posts?title=My+Post&content=%C3%A9%26").await;
    assert_eq!((answer.status, answer.header("content-type")), (201, Some("application/json")));
    let (before, after) = answer.body.split_once("\"created_at\":\"").unwrap();
    assert_eq!(before, r#"{"id":1,"title":"My Post","content":"é&","published":false,"#);
    let (created, after) = after.split_once('"').unwrap();
    assert!(created.contains('T') && created.ends_with("+00:00"), "{created}");
    assert_eq!(after, r#","deleted_at":null}"#);

    assert_eq!(blog.call("GET /posts/1").await.body, answer.body);
    assert_eq!(blog.call("GET /posts").await.body, format!("[{}]", answer.body));
}

#[tokio::test]
async fn a_post_goes_to_the_bin_and_back() {
    let (_folder, blog) = start();
    let (kept, gone) = (blog.write("kept").await, blog.write("gone").await);
    let path = format!("/posts/{gone}");
    let not_found = json!({"detail": "Post not found"});

    let live = blog.call(&format!("POST {path}/restore")).await;
    assert_eq!((live.status, live.json()), (400, json!({"detail": "Post is not deleted"})));

    let binned = blog.call(&format!("DELETE {path}/soft")).await;
    assert_eq!((binned.status, binned.body.as_str()), (204, ""));
    for line in [format!("GET {path}"), format!("DELETE {path}/soft")] {
        let answer = blog.call(&line).await;
        assert_eq!((answer.status, answer.json()), (404, not_found.clone()), "{line}");
    }
    let seen = blog.call(&format!("GET {path}?include_deleted=true")).await.json();
    assert!(seen["deleted_at"].as_str().unwrap().ends_with("+00:00"), "{seen}");
    assert_eq!(blog.ids("").await, [kept]);
    assert_eq!(blog.ids("?include_deleted=true").await, [kept, gone]);
    assert_eq!(blog.ids("?only_deleted=true&include_deleted=true").await, [gone]);

    let restored = blog.call(&format!("POST {path}/restore")).await;
    assert_eq!((restored.status, &restored.json()["deleted_at"]), (200, &json!(null)));
    assert_eq!(blog.ids("").await, [kept, gone]);
}

#[tokio::test]
async fn a_post_is_removed_for_good_from_the_bin_or_not() {
    let (_folder, blog) = start();
    let (live, binned) = (blog.write("live").await, blog.write("binned").await);
    blog.call(&format!("DELETE /posts/{binned}/soft")).await;
    for id in [live, binned] {
        let removed = blog.call(&format!("DELETE /posts/{id}/permanent")).await;
        assert_eq!((removed.status, removed.json()), (200, json!({"message": "Post permanently deleted"})));
        for line in [
            format!("GET /posts/{id}?include_deleted=true"),
            format!("DELETE /posts/{id}/permanent"),
            format!("POST /posts/{id}/restore"),
        ] {
            assert_eq!(blog.call(&line).await.status, 404, "{line}");
        }
    }
    assert!(blog.ids("?include_deleted=true").await.is_empty());
}

#[tokio::test]
async fn bad_requests_are_answered_with_a_detail() {
    let (_folder, blog) = start();
    let too_long = format!("POST /posts?title={}&content=c", "x".repeat(201));
    let cases = [
        ("POST /posts?content=nameless", 422),
        (too_long.as_str(), 422),
        ("GET /posts/first", 422),
        ("GET /posts/%FF", 422),
        ("GET /posts?include_deleted=maybe", 422),
        ("GET /posts?include_deleted=YES", 200),
        ("GET /posts/99999999999999999999", 404),
        ("GET /posts/-1", 404),
        ("GET /nowhere", 404),
        ("PUT /posts", 405),
        ("DELETE /posts/1", 405),
    ];
    for (line, status) in cases {
        let answer = blog.call(line).await;
        assert_eq!(answer.status, status, "{line}: {answer:?}");
        assert!(status == 200 || answer.json()["detail"].is_string(), "{line}: {answer:?}");
    }
    assert!(blog.ids("?include_deleted=true").await.is_empty());
}

#[tokio::test]
async fn the_api_describes_every_route() {
    let (_folder, blog) = start();
    let described = blog.call("GET /openapi.json").await.json();
    let mut paths: Vec<&String> = described["paths"].as_object().unwrap().keys().collect();
    paths.sort();
    let verbs = ["", "/permanent", "/restore", "/soft"].map(|verb| format!("/posts/{{post_id}}{verb}"));
    assert_eq!(paths[0], "/posts");
    assert_eq!(paths[1..], verbs.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn the_pages_load_nothing_from_elsewhere() {
    let (_folder, blog) = start();
    for path in ["/", "/docs"] {
        let page = blog.call(&format!("GET {path}")).await;
        assert_eq!(page.status, 200);
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        assert!(page.body.contains("<title>A blog with a bin"), "{path}");
        assert!(!page.body.contains("http:") && !page.body.contains("https:"), "{path}");
    }
}
