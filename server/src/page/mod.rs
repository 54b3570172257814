//! The review page, embedded: the files that `server/web/build.mjs` makes, and the small page behind join links.

mod headers;

pub use headers::{CONTENT_SECURITY_POLICY, secure};

use crate::Shared;
use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// An embedded file.
#[derive(Debug, Clone, Copy)]
struct File {
    path: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
}

macro_rules! built {
    ($path:literal, $name:literal, $kind:expr) => {
        File { path: $path, content_type: $kind, bytes: include_bytes!(concat!("../../web/dist/", $name)) }
    };
}

const FILES: &[File] = &[
    built!("/", "index.html", HTML),
    built!("/age-worker.js", "age-worker.js", SCRIPT),
    built!("/annex.js", "annex.js", SCRIPT),
    built!("/app.css", "app.css", CSS),
    built!("/app.js", "app.js", SCRIPT),
    built!("/evidence.js", "evidence.js", SCRIPT),
    built!("/kdf-worker.js", "kdf-worker.js", SCRIPT),
    built!("/media-worker.js", "media-worker.js", SCRIPT),
    built!("/shared.js", "shared.js", SCRIPT),
    built!("/icon.svg", "icon.svg", "image/svg+xml"),
    File { path: "/join", content_type: HTML, bytes: include_bytes!("join.html") },
    File { path: "/join.css", content_type: CSS, bytes: include_bytes!("join.css") },
];

impl File {
    /// Asked for again each time: a page from before an update must not talk to a server from after it.
    fn answer(self) -> Response {
        ([(CONTENT_TYPE, self.content_type), (CACHE_CONTROL, "no-cache")], self.bytes).into_response()
    }
}

/// Routes of the embedded files.
pub fn router() -> Router<Shared> {
    FILES.iter().fold(Router::new(), |router, file| router.route(file.path, get(|| async { file.answer() })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_was_built_is_served_and_nothing_else() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist");
        let mut built: Vec<String> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        built.sort();
        let name = |path: &str| if path == "/" { "index.html".to_owned() } else { path[1..].to_owned() };
        let mut served: Vec<String> = FILES.iter().filter(|file| !file.path.starts_with("/join")).map(|file| name(file.path)).collect();
        served.sort();
        assert_eq!(built, served, "name every file of server/web/dist in FILES");
    }

    #[test]
    fn the_pages_need_nothing_that_the_policy_refuses() {
        for file in FILES.iter().filter(|file| file.content_type == HTML) {
            let text = std::str::from_utf8(file.bytes).unwrap();
            for refused in ["<style", " style=", "javascript:", "http://", " onclick=", " onload="] {
                assert!(!text.contains(refused), "{refused} in {}", file.path);
            }
            for script in text.match_indices("<script") {
                assert!(text[script.0..].split('>').next().unwrap().contains("src="), "script without src in {}", file.path);
            }
        }
    }

    #[test]
    fn the_join_page_speaks_three_languages_and_leaves_the_code_in_the_address_bar() {
        let text = include_str!("join.html");
        for lang in ["kk", "ru", "en"] {
            assert!(text.contains(&format!("<section lang=\"{lang}\"")), "{lang}");
        }
        assert!(!text.contains("<a ") && !text.contains("<script"));
    }
}
