//! One playable MP4 a track; a folder of JPEGs for tracks of pictures.

use super::source::Piece;
use super::{Findings, TrackFile};
use anyhow::Context;
use invigil_format::mp4::Joiner;
use invigil_format::{Frame, FrameKind};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Room before the first picture when it decodes earlier than it is shown, us.
const LEAD_US: i64 = 1_000_000;

/// Writes every track.
pub(super) fn tracks(pieces: &[Piece], out: &Path, findings: &mut Findings) -> anyhow::Result<Vec<TrackFile>> {
    let mut tracks: BTreeMap<(&str, bool), Vec<&Piece>> = BTreeMap::new();
    for piece in pieces {
        tracks.entry((&piece.row.track, piece.is_pictures())).or_default().push(piece);
    }
    let mut files = Vec::new();
    for ((track, pictures), mut parts) in tracks {
        parts.sort_by_key(|piece| piece.first_us().unwrap_or(i64::MAX));
        let mut file = TrackFile {
            track: track.to_owned(),
            file: PathBuf::new(),
            segments: parts.len(),
            chunks: 0,
            duration_ms: 0,
            from_ms: parts.iter().find_map(|piece| piece.first_us()).map(|us| us / 1000),
        };
        if pictures {
            jpegs(&parts, out, &mut file, findings)?
        } else {
            mp4(&parts, out, &mut file, findings)?
        }
        files.push(file);
    }
    Ok(files)
}

fn mp4(parts: &[&Piece], out: &Path, file: &mut TrackFile, findings: &mut Findings) -> anyhow::Result<()> {
    let mut opened = Vec::new();
    for piece in parts {
        let bytes = std::fs::read(&piece.path).with_context(|| format!("read {}", piece.path.display()))?;
        let init = piece.scanner.frames().iter().find(|frame| frame.kind == FrameKind::Init);
        if let Some(init) = init.and_then(|frame| body(piece, frame, &bytes, findings)) {
            opened.push((*piece, init));
        }
    }
    let Some(base_us) = opened.iter().find_map(|(piece, _)| piece.first_us()) else { return Ok(()) };
    let inits: Vec<&[u8]> = opened.iter().map(|(_, init)| init.as_slice()).collect();
    let (mut joiner, start) = match Joiner::new(&inits) {
        Ok(begun) => begun,
        Err(error) => {
            findings.problem("damaged", format!("track {}", file.track), format!("its init sections do not go together: {error}"));
            return Ok(());
        }
    };
    file.file = out.join(format!("{}.mp4", file.track));
    let mut writer = create(&file.file)?;
    writer.write_all(&start).with_context(|| format!("write {}", file.file.display()))?;
    let mut lead_us = None;
    for (index, (piece, _)) in opened.iter().enumerate() {
        let bytes = std::fs::read(&piece.path).with_context(|| format!("read {}", piece.path.display()))?;
        let origin_us = piece.scanner.header().map_or(0, |header| i64::try_from(header.origin_boottime_us).unwrap_or(i64::MAX));
        let shift_us = piece.offset_ms * 1000 + origin_us - base_us;
        for frame in piece.scanner.frames().iter().filter(|frame| matches!(frame.kind, FrameKind::Chunk | FrameKind::Final)) {
            let Some(plain) = body(piece, frame, &bytes, findings) else { continue };
            if frame.kind == FrameKind::Final {
                continue;
            }
            let lead = *lead_us.get_or_insert_with(|| if joiner.clone().fragment(index, shift_us, &plain).is_ok() { 0 } else { LEAD_US });
            match joiner.fragment(index, shift_us + lead, &plain) {
                Ok(joined) => {
                    writer.write_all(&joined).with_context(|| format!("write {}", file.file.display()))?;
                    file.chunks += 1;
                    file.duration_ms += u64::from(frame.duration_us) / 1000;
                }
                Err(error) => findings.problem("damaged", &piece.name, format!("the chunk at byte {} does not fit: {error}", frame.offset)),
            }
        }
    }
    writer.flush().with_context(|| format!("write {}", file.file.display()))
}

fn jpegs(parts: &[&Piece], out: &Path, file: &mut TrackFile, findings: &mut Findings) -> anyhow::Result<()> {
    file.file = out.join(&file.track);
    std::fs::create_dir_all(&file.file).with_context(|| format!("make {}", file.file.display()))?;
    for piece in parts {
        let bytes = std::fs::read(&piece.path).with_context(|| format!("read {}", piece.path.display()))?;
        for frame in piece.scanner.frames().iter().filter(|frame| frame.kind == FrameKind::Chunk) {
            let Some(plain) = body(piece, frame, &bytes, findings) else { continue };
            let at_ms = piece.offset_ms + i64::try_from(frame.at.boottime_us / 1000).unwrap_or(i64::MAX);
            let path = file.file.join(format!("{at_ms}.jpg"));
            create(&path)?.write_all(&plain).with_context(|| format!("write {}", path.display()))?;
            file.chunks += 1;
        }
    }
    Ok(())
}

/// The plain text of a frame; what does not open is named.
fn body(piece: &Piece, frame: &Frame, bytes: &[u8], findings: &mut Findings) -> Option<Zeroizing<Vec<u8>>> {
    let range = usize::try_from(frame.body_offset()).ok()?..usize::try_from(frame.end_offset()).ok()?;
    let sealed = bytes.get(range)?;
    match piece.opener.as_ref()?.open(frame, sealed) {
        Ok(plain) => Some(plain),
        Err(error) => {
            findings.problem("damaged", &piece.name, error.to_string());
            None
        }
    }
}

fn create(path: &Path) -> anyhow::Result<BufWriter<File>> {
    let file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path);
    Ok(BufWriter::new(file.with_context(|| format!("write {}", path.display()))?))
}
