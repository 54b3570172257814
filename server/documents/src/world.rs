//! Typst: a world of one template, one act and the bundled fonts. It has no files, no packages, no network and no clock.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, comemo};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::dates::Dates;
use crate::fonts::faces;
use crate::sheet::{Sheet, sheet};
use crate::{ActDocument, Error};

/// The longest address that becomes a QR code, in bytes: beyond it the squares are too small for a telephone.
const MAX_URL: usize = 1000;

pub(crate) fn pdf(act: &ActDocument<'_>) -> Result<Vec<u8>, Error> {
    let sheet = sheet(act)?;
    let pdf = lay_out(act, &sheet).and_then(|document| export(act, &document));
    // What was typeset is personal data: nothing of it stays in typst's cache.
    comemo::evict(0);
    pdf
}

fn export(act: &ActDocument<'_>, document: &PagedDocument) -> Result<Vec<u8>, Error> {
    let standards =
        PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]).map_err(|error| Error::Export(error.message().to_string()))?;
    let options = PdfOptions {
        ident: Smart::Custom(format!("{} {}", act.act_id, act.statement_digest.unwrap_or_default())),
        creator: Smart::Custom(Some("Invigil".to_owned())),
        timestamp: timestamp(act)?,
        standards,
        ..PdfOptions::default()
    };
    typst_pdf::pdf(document, &options).map_err(|errors| Error::Export(told(&errors)))
}

/// The pages, before they become a PDF.
pub(crate) fn lay_out(act: &ActDocument<'_>, sheet: &Sheet) -> Result<PagedDocument, Error> {
    let world = Desk::new(act, sheet)?;
    typst::compile::<PagedDocument>(&world).output.map_err(|errors| Error::Layout(told(&errors)))
}

fn told(errors: &[SourceDiagnostic]) -> String {
    errors.iter().map(|error| error.message.to_string()).collect::<Vec<_>>().join("; ")
}

fn timestamp(act: &ActDocument<'_>) -> Result<Option<Timestamp>, Error> {
    let civil = Dates::new(act.language, act.utc_offset_secs)?.civil(act.signed_ms)?;
    let part = |value: i8| value.unsigned_abs();
    let datetime = Datetime::from_ymd_hms(
        i32::from(civil.year()),
        part(civil.month()),
        part(civil.day()),
        part(civil.hour()),
        part(civil.minute()),
        part(civil.second()),
    );
    Ok(datetime.and_then(|datetime| Timestamp::new_local(datetime, act.utc_offset_secs / 60)))
}

/// Everything that typst can see.
struct Desk {
    act: Bytes,
    qr: Bytes,
    emblem: Option<(&'static str, Bytes)>,
}

impl Desk {
    fn new(act: &ActDocument<'_>, sheet: &Sheet) -> Result<Self, Error> {
        let emblem = act.emblem.map(|bytes| Ok::<_, Error>((kind(bytes).ok_or(Error::Emblem)?, Bytes::new(bytes.to_vec())))).transpose()?;
        let mut data = serde_json::to_value(sheet)?;
        if let Some(object) = data.as_object_mut() {
            object.insert("emblem".to_owned(), serde_json::to_value(emblem.as_ref().map(|(name, _)| *name))?);
        }
        Ok(Self { act: Bytes::new(serde_json::to_vec(&data)?), qr: Bytes::from_string(qr(act.check_url)?), emblem })
    }
}

/// The name under which the layout finds an emblem.
fn kind(emblem: &[u8]) -> Option<&'static str> {
    if emblem.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some("emblem.png");
    }
    let text = core::str::from_utf8(emblem).ok()?.trim_start_matches('\u{feff}').trim_start();
    (text.starts_with('<') && text.contains("<svg")).then_some("emblem.svg")
}

/// The QR code as SVG: one path of unit squares with the quiet zone of four.
fn qr(url: &str) -> Result<String, Error> {
    use core::fmt::Write;
    let code = Some(url).filter(|url| url.len() <= MAX_URL).map(|url| qrcodegen::QrCode::encode_text(url, qrcodegen::QrCodeEcc::Medium));
    let Some(Ok(code)) = code else {
        return Err(Error::CheckUrl(url.len()));
    };
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|&x| code.get_module(x, y)) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + 4, y + 4);
        }
    }
    let size = code.size() + 8;
    Ok(format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{path}"/></svg>"#))
}

/// The id of one of the world's files.
fn id(name: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(name).ok()?).intern())
}

static TEMPLATE: LazyLock<Source> = LazyLock::new(|| Source::detached(include_str!("act.typ")));
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &faces().book
    }

    fn main(&self) -> FileId {
        TEMPLATE.id()
    }

    fn source(&self, wanted: FileId) -> FileResult<Source> {
        if wanted == TEMPLATE.id() { Ok(TEMPLATE.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, wanted: FileId) -> FileResult<Bytes> {
        let emblem = self.emblem.iter().map(|(name, bytes)| (*name, bytes));
        [("act.json", &self.act), ("qr.svg", &self.qr)]
            .into_iter()
            .chain(emblem)
            .find(|(name, _)| id(name) == Some(wanted))
            .map(|(_, bytes)| bytes.clone())
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        faces().fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
