//! Looks at a track's pictures on their way to the encoder: a measure a second for [`Watch`], a thumbnail every 5 s. Of a camera's own H.264 only
//! key frames are decoded, at most one in 5 s.

use super::keys::KeyFrames;
use super::picture::Luma;
use super::watch::{OUT_OF_SIGHT_US, Watch};
use super::{Board, Change, Thumbnails};
use crate::capture::{Encoded, Frame, Picture};
use ffmpeg_next as ffmpeg;
use invigil_format::{Condition, TrackName};
use std::sync::Arc;

/// Distance of looks, us.
const LOOK_EVERY_US: u64 = 1_000_000;
/// Distance of key frames that are decoded, us.
const KEY_EVERY_US: u64 = 5_000_000;

/// One track's eyes.
pub struct Tap {
    board: Arc<Board>,
    track: TrackName,
    thumbnails: Thumbnails,
    watch: Watch,
    looks: Due,
    before: Option<(u64, Luma)>,
    keys: Option<KeyFrames>,
    key_due: Due,
    recorded: bool,
}

impl Tap {
    /// For this track.
    pub fn new(track: TrackName, board: Arc<Board>, thumbnails: Thumbnails) -> Self {
        let (looks, key_due) = (Due::every(LOOK_EVERY_US), Due::every(KEY_EVERY_US));
        Self { board, track, thumbnails, watch: Watch::default(), looks, before: None, keys: None, key_due, recorded: true }
    }

    /// A picture on its way. No thumbnails are taken while nothing is `recorded`.
    pub fn look(&mut self, frame: &Frame, recorded: bool) {
        let at_us = frame.boottime_us;
        self.recorded = recorded;
        match &frame.picture {
            Picture::Raw(picture) => {
                self.thumbnails.seen(at_us);
                self.raw(at_us, picture);
            }
            Picture::Encoded(unit) => self.encoded(at_us, unit),
        }
    }

    /// No picture for a while; it is `now_us`.
    pub fn idle(&mut self, now_us: u64) {
        let changes = self.watch.idle(now_us);
        self.tell(changes);
    }

    fn encoded(&mut self, at_us: u64, unit: &Encoded) {
        if !unit.key {
            return;
        }
        self.thumbnails.seen(at_us);
        if !self.key_due.is(at_us) {
            return;
        }
        self.key_due.done(at_us);
        if self.keys.is_none() {
            self.keys = KeyFrames::new().inspect_err(|error| tracing::warn!(%error, "a camera's H.264 cannot be looked at")).ok();
        }
        if let Some(picture) = self.keys.as_mut().and_then(|keys| keys.decode(unit)) {
            self.raw(at_us, &picture);
        }
    }

    fn raw(&mut self, at_us: u64, picture: &ffmpeg::frame::Video) {
        if self.looks.is(at_us) {
            self.looks.done(at_us);
            if let Some(luma) = Luma::of(picture) {
                let before = self.before.take().filter(|(before_us, _)| at_us.saturating_sub(*before_us) <= OUT_OF_SIGHT_US);
                let measure = luma.measure(before.as_ref().map(|(_, luma)| luma));
                self.before = Some((at_us, luma));
                let changes = self.watch.look(at_us, measure);
                self.tell(changes);
            }
        }
        if self.recorded && self.thumbnails.wants(at_us) {
            self.thumbnails.take(at_us, picture);
        }
    }

    fn tell(&self, changes: Vec<(Condition, Change)>) {
        for (condition, change) in changes {
            self.board.tell(Some(&self.track), condition, change, "");
        }
    }
}

/// Says what is due, on a grid that holds its average distance whatever the distance of the pictures is.
#[derive(Debug, Clone)]
pub(super) struct Due {
    every_us: u64,
    next_us: u64,
}

impl Due {
    pub(super) fn every(every_us: u64) -> Self {
        Self { every_us, next_us: 0 }
    }

    pub(super) fn is(&self, at_us: u64) -> bool {
        at_us >= self.next_us
    }

    pub(super) fn done(&mut self, at_us: u64) {
        self.next_us = if at_us >= self.next_us.saturating_add(self.every_us) { at_us } else { self.next_us } + self.every_us;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_keeps_its_average_distance_and_makes_no_burst_after_a_gap() {
        let taken = |times: &[u64]| {
            let mut due = Due::every(50);
            let take = |at: &u64| {
                let is = due.is(*at);
                if is {
                    due.done(*at);
                }
                is.then_some(*at)
            };
            times.iter().filter_map(take).collect::<Vec<_>>()
        };
        assert_eq!(taken(&(1000..1300).step_by(7).collect::<Vec<_>>()), [1000, 1056, 1105, 1154, 1203, 1252]);
        assert_eq!(taken(&[1000, 1020, 1040, 1060, 1080, 1100, 5000, 5010, 5040, 5060]), [1000, 1060, 1100, 5000, 5060]);
    }
}
