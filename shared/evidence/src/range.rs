//! The playable range of one cited track (`docs/evidence.md` 6): from sealed segments and their keys to one MP4, the same bytes whoever makes it.
//! One chunk is open at a time.

use invigil_format::mp4::Joiner;
use invigil_format::{Error, Frame, FrameKind, Opener, Scanner, TrackKind};
use zeroize::Zeroizing;

/// A cited segment, scanned, with its key at hand.
pub struct Piece<'a> {
    /// What was read of it.
    pub scanner: &'a Scanner,
    /// Opens it.
    pub opener: &'a Opener,
    /// Server's time minus the device's boot time, ms: of its run.
    pub clock_offset_ms: i64,
}

/// Which chunks make a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Of each: which piece, which of its frames.
    pub chunks: Vec<(usize, usize)>,
    /// Server's time of the first, us.
    pub first_us: i64,
}

/// Why no MP4 could be made.
#[derive(Debug, thiserror::Error)]
pub enum RangeError<E> {
    /// The segments do not open, or are no CMAF that can be joined.
    #[error(transparent)]
    Format(#[from] Error),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(E),
}

impl Piece<'_> {
    /// Server's time of a boot time of this piece's run, us.
    pub fn place_us(&self, boottime_us: u64) -> i64 {
        self.clock_offset_ms.saturating_mul(1000).saturating_add(i64::try_from(boottime_us).unwrap_or(i64::MAX))
    }

    /// Whether the track is one that becomes an MP4; tracks of pictures do not.
    pub fn is_media(&self) -> bool {
        self.scanner.header().is_some_and(|header| matches!(header.kind, TrackKind::Video | TrackKind::Audio | TrackKind::Screen))
    }
}

/// From the last chunk with a key frame that begins at or before `from_ms` (else the first) to the last that begins before `to_ms`. `None` when none begins
/// before `to_ms`. Pieces are in order of run and sequence, and stay so.
pub fn select(pieces: &[Piece<'_>], from_ms: i64, to_ms: i64) -> Option<Selection> {
    let mut all = Vec::new();
    let (mut start, mut end) = (0, None);
    for (piece, part) in pieces.iter().enumerate() {
        for (place, frame) in part.scanner.frames().iter().enumerate().filter(|(_, frame)| frame.kind == FrameKind::Chunk) {
            let at_us = part.place_us(frame.at.boottime_us);
            if frame.key_frame && at_us <= from_ms.saturating_mul(1000) {
                start = all.len();
            }
            if at_us < to_ms.saturating_mul(1000) {
                end = Some(all.len());
            }
            all.push((piece, place, at_us));
        }
    }
    let chosen = all.get(start..=end?).filter(|chosen| !chosen.is_empty())?;
    let first_us = chosen.first()?.2;
    Some(Selection { chunks: chosen.iter().map(|(piece, frame, _)| (*piece, *frame)).collect(), first_us })
}

/// Gives the sealed body of a piece's frame.
pub type ReadBody<'a, E> = dyn FnMut(usize, &Frame) -> Result<Vec<u8>, E> + 'a;

/// Takes what was made.
pub type Write<'a, E> = dyn FnMut(&[u8]) -> Result<(), E> + 'a;

/// Makes the MP4 and gives it away piece by piece. `read` gives the sealed body of a piece's frame.
///
/// # Errors
/// [`RangeError::Format`] when a body does not open or cannot be joined; what `read` and `write` say.
pub fn write<E>(
    pieces: &[Piece<'_>],
    selection: &Selection,
    read: &mut ReadBody<'_, E>,
    write: &mut Write<'_, E>,
) -> Result<(), RangeError<E>> {
    write_with(false, pieces, selection, read, write)
}

/// The same as bundles had it at first ([`Joiner::appending`]): other bytes only where the sample description changes on the way.
///
/// # Errors
/// As for [`write`].
pub fn write_appending<E>(
    pieces: &[Piece<'_>],
    selection: &Selection,
    read: &mut ReadBody<'_, E>,
    write: &mut Write<'_, E>,
) -> Result<(), RangeError<E>> {
    write_with(true, pieces, selection, read, write)
}

fn write_with<E>(
    appending: bool,
    pieces: &[Piece<'_>],
    selection: &Selection,
    read: &mut ReadBody<'_, E>,
    write: &mut Write<'_, E>,
) -> Result<(), RangeError<E>> {
    let mut open = |piece: usize, frame: &Frame| -> Result<Zeroizing<Vec<u8>>, RangeError<E>> {
        let body = read(piece, frame).map_err(RangeError::Io)?;
        Ok(pieces[piece].opener.open(frame, &body)?)
    };
    // Init sections of the segments that have a chunk in the range, in order.
    let mut inits: Vec<Zeroizing<Vec<u8>>> = Vec::new();
    let mut of_piece = vec![None; pieces.len()];
    for (piece, _) in &selection.chunks {
        if of_piece[*piece].is_none() {
            let init = pieces[*piece].scanner.frames().first().filter(|frame| frame.kind == FrameKind::Init).ok_or(Error::NoHeader)?;
            of_piece[*piece] = Some(inits.len());
            inits.push(open(*piece, init)?);
        }
    }
    let inits: Vec<&[u8]> = inits.iter().map(|init| init.as_slice()).collect();
    let (mut joiner, start) = if appending { Joiner::appending(&inits)? } else { Joiner::new(&inits)? };
    write(&start).map_err(RangeError::Io)?;
    for (piece, place) in &selection.chunks {
        let part = &pieces[*piece];
        let frame = &part.scanner.frames()[*place];
        let plain = open(*piece, frame)?;
        let at_us = part.place_us(frame.at.boottime_us).saturating_sub(selection.first_us);
        let at_us = u64::try_from(at_us).unwrap_or(0);
        let joined = Zeroizing::new(joiner.fragment_at(of_piece[*piece].unwrap_or_default(), at_us, &plain)?);
        write(&joined).map_err(RangeError::Io)?;
    }
    Ok(())
}
