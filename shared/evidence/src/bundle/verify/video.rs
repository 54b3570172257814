//! Videos, made again from the segments and compared byte by byte.

use super::super::plan::Plan;
use super::super::read::Files;
use super::footage::Footage;
use super::report::{Report, Video};
use crate::act::Act;
use crate::range::{self, Piece, RangeError, ReadBody, Selection, Write};
use crate::zip::FileAt;
use invigil_format::{Error, Frame};
use std::io::{self, Read, Seek};

/// Why the comparison ended early.
enum Stop {
    Io(io::Error),
    Differs(u64),
}

/// One answer for each track of the plan.
pub(super) fn check<R: Read + Seek>(
    files: &Files<'_, R>,
    plan: &Plan,
    act: &Act,
    footage: &Footage,
    report: &mut Report,
) -> io::Result<Vec<Video>> {
    let mut out = Vec::new();
    for (place, track) in plan.tracks.iter().enumerate() {
        let here = files.find(&track.video);
        let stretch = &act.evidence[track.stretch];
        let Some(pieces) = pieces(plan, place, footage) else {
            // The segments' own problems say why.
            out.push(here.map_or(Video::None, |file| Video::Wrong(file.name.clone())));
            continue;
        };
        let selection = range::select(&pieces, stretch.from_ms, stretch.to_ms).filter(|_| pieces.iter().all(Piece::is_media));
        let made = match &selection {
            Some(selection) => {
                let places = &plan.tracks[place].segments;
                let compare = |make: Make| compare(make, files, places, footage, &pieces, selection, here);
                match compare(range::write)? {
                    Made::Same => Made::Same,
                    // The first bundles' way of joining.
                    other => match compare(range::write_appending)? {
                        Made::Same => Made::Same,
                        _ => other,
                    },
                }
            }
            None => Made::None,
        };
        let name = &track.video;
        out.push(match (made, here) {
            (Made::Same, Some(file)) => Video::Same(file.name.clone()),
            (Made::Same | Made::Differs(_), None) => {
                report.problem("file-missing", name, "the segments make a video");
                Video::None
            }
            (Made::Differs(at), Some(_)) => {
                report.problem("other-video", name, format!("it is not what the segments make, from byte {at} on"));
                Video::Wrong(name.clone())
            }
            (Made::None, Some(_)) => {
                report.problem("file-added", name, "the segments make no video");
                Video::Wrong(name.clone())
            }
            (Made::None, None) => Video::None,
        });
    }
    Ok(out)
}

enum Made {
    Same,
    /// First byte that is another one.
    Differs(u64),
    None,
}

/// [`range::write`] or [`range::write_appending`].
type Make = fn(&[Piece<'_>], &Selection, &mut ReadBody<'_, Stop>, &mut Write<'_, Stop>) -> Result<(), RangeError<Stop>>;

fn compare<R: Read + Seek>(
    make: Make,
    files: &Files<'_, R>,
    places: &[usize],
    footage: &Footage,
    pieces: &[Piece<'_>],
    selection: &Selection,
    here: Option<&FileAt>,
) -> io::Result<Made> {
    let mut read = |piece: usize, frame: &Frame| -> Result<Vec<u8>, Stop> {
        let file = footage.segments[places[piece]].file.as_ref().ok_or_else(|| Stop::Io(io::ErrorKind::NotFound.into()))?;
        files.read_at(file, frame.body_offset(), frame.body_len as usize).map_err(Stop::Io)
    };
    let mut at = 0;
    let mut write = |made: &[u8]| -> Result<(), Stop> {
        let left = here.map_or(0, |file| file.size_bytes.saturating_sub(at));
        let len = usize::try_from(left).unwrap_or(usize::MAX).min(made.len());
        let found = match here {
            Some(file) => files.read_at(file, at, len).map_err(Stop::Io)?,
            None => Vec::new(),
        };
        let same = made.iter().zip(&found).take_while(|(made, found)| made == found).count();
        at += same as u64;
        if same == made.len() { Ok(()) } else { Err(Stop::Differs(at)) }
    };
    let made = match make(pieces, selection, &mut read, &mut write) {
        Ok(()) if here.is_some_and(|file| file.size_bytes > at) => Made::Differs(at),
        Ok(()) => Made::Same,
        Err(RangeError::Io(Stop::Differs(at))) => Made::Differs(at),
        Err(RangeError::Io(Stop::Io(error))) => return Err(error),
        Err(RangeError::Format(Error::Mp4 { .. })) => Made::None,
        Err(RangeError::Format(_)) => Made::Differs(at),
    };
    Ok(made)
}

/// The pieces of a track, if all of its segments are here and in order.
fn pieces<'a>(plan: &Plan, track: usize, footage: &'a Footage) -> Option<Vec<Piece<'a>>> {
    let piece = |place: &usize| {
        let read = footage.segments.get(*place).filter(|read| read.sound)?;
        let (_, run) = plan.run_of(&plan.segments[*place])?;
        Some(Piece { scanner: read.scanner.as_ref()?, opener: read.opener.as_ref()?, clock_offset_ms: run.cited.clock_offset_ms })
    };
    plan.tracks[track].segments.iter().map(piece).collect()
}
