//! One recording's way out of a source: what waits for room, what was thrown away, and what its journal is told.

use super::super::watch::{Drops, Event};
use super::{Piece, Sink};
use std::sync::atomic::Ordering;
use std::sync::mpsc::TrySendError;

/// See [`self`].
pub(super) struct Lane<T> {
    sink: Sink<T>,
    needs: Needs,
    /// For which there was no room yet.
    left: Vec<T>,
    /// The pieces before found room.
    flows: bool,
    /// Its recording knows how the source stands.
    told: bool,
    drops: Drops,
}

/// What must come before anything is handed over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// A piece with which decoding can start; those before it are none of this recording's.
    First,
    /// The same after something was thrown away; those before it are missing.
    Start,
}

/// What became of pieces.
pub(super) enum Passed {
    All,
    Some,
    /// Nobody takes them any more.
    Gone,
}

impl<T> Lane<T> {
    /// From the next piece on.
    pub(super) fn new(sink: Sink<T>) -> Self {
        Self { sink, needs: Needs::Nothing, left: Vec::new(), flows: true, told: false, drops: Drops::default() }
    }

    /// From the next piece on with which decoding can start.
    pub(super) fn later(sink: Sink<T>) -> Self {
        Self { needs: Needs::First, ..Self::new(sink) }
    }

    /// It had its first piece.
    pub(super) fn has_begun(&self) -> bool {
        self.needs != Needs::First
    }

    /// Some of its pieces wait for room.
    pub(super) fn waits(&self) -> bool {
        !self.left.is_empty()
    }

    pub(super) fn flows(&self) -> bool {
        self.flows
    }

    /// Tells its recording what happened to the source.
    pub(super) fn tell(&mut self, event: Event) {
        let is_standing = matches!(event, Event::Started | Event::Lost(_) | Event::Back);
        // Of a source of which it has got nothing and knows nothing.
        if !is_standing && !self.told && !self.has_begun() {
            return;
        }
        self.told |= is_standing;
        (self.sink.report)(event);
    }

    /// It gets all pieces from now on. `standing` is how the source stands.
    pub(super) fn take_over(&mut self, standing: Option<Event>) {
        self.needs = Needs::Nothing;
        if let Some(event) = standing.filter(|_| !self.told) {
            self.tell(event);
        }
    }

    /// Hands over what was offered, as far as there is room.
    pub(super) fn pass(&mut self) -> Passed {
        let count = self.left.len();
        if count == 0 {
            return Passed::All;
        }
        match self.sink.pieces.try_send(std::mem::take(&mut self.left)) {
            Ok(()) => {
                self.sink.counters.frames.fetch_add(count as u64, Ordering::Relaxed);
                self.flows = true;
                Passed::All
            }
            Err(TrySendError::Full(back)) => {
                self.left = back;
                Passed::Some
            }
            Err(TrySendError::Disconnected(_)) => Passed::Gone,
        }
    }

    fn tell_when_due(&mut self) {
        if let Some(dropped) = self.drops.due(invigil_clock::boottime_us()) {
            (self.sink.report)(Event::Dropped(dropped));
        }
    }

    /// No more pieces.
    pub(super) fn end(mut self) {
        if let Some(dropped) = self.drops.rest() {
            (self.sink.report)(Event::Dropped(dropped));
        }
    }
}

impl<T: Piece> Lane<T> {
    /// What found no room is missing.
    pub(super) fn throw_away(&mut self) {
        let left = std::mem::take(&mut self.left);
        // H.264 that misses a picture cannot be decoded until its next key frame.
        (self.needs, self.flows) = (Needs::Start, false);
        self.miss(&left);
    }

    fn miss(&mut self, pieces: &[T]) {
        self.sink.counters.dropped.fetch_add(pieces.len() as u64, Ordering::Relaxed);
        pieces.iter().for_each(|piece| self.drops.dropped(piece.taken_us()));
        self.tell_when_due();
    }

    /// These are its pieces; [`Lane::pass`] hands them over.
    pub(super) fn offer(&mut self, mut pieces: Vec<T>) {
        self.tell_when_due();
        let useless = match self.needs {
            Needs::Nothing => 0,
            Needs::First | Needs::Start => pieces.iter().take_while(|piece| !piece.starts_anew()).count(),
        };
        if self.needs == Needs::Start && useless > 0 {
            self.miss(&pieces[..useless]);
        }
        pieces.drain(..useless);
        if pieces.is_empty() {
            return;
        }
        if !self.told && self.needs == Needs::First {
            self.tell(Event::Started);
        }
        self.needs = Needs::Nothing;
        self.left = pieces;
    }
}
