//! Sound to Opus packets, and these to CMAF fragments of a little more than half a second.

use super::line::Stretch;
use super::opus::{Opus, OpusError, PACKET};
use crate::segment::cmaf::{self, Sample};
use crate::segment::opus::micros;
use crate::segment::{Fragment, Media};
use std::sync::Arc;

/// Packets of a fragment: 0.6 s. What a crash costs is that, the block that the sound system gathers, and a sync.
const FRAGMENT: usize = 30;
const PACKET_TICKS: u64 = PACKET as u64;

/// Encodes and cuts one track.
///
/// A decoder's output comes later than what went into the encoder; each packet's time is therefore set back by that (`Opus::ahead`).
pub struct Packets {
    origin_us: u64,
    encoder: Opus,
    media: Arc<Media>,
    number: u32,
    /// Tick of the first sample of `rest`, and what does not fill a packet yet.
    at: u64,
    rest: Vec<f32>,
    /// Packets of the fragment being gathered, and the tick of its first sample.
    gathered: Vec<Vec<u8>>,
    begun: u64,
}

impl Packets {
    /// `origin_us` is the boot time of media time zero.
    pub fn new(origin_us: u64, encoder: Opus) -> Self {
        let at = encoder.ahead();
        Self { origin_us, encoder, media: Arc::new(Media::Opus), number: 0, at, rest: Vec::new(), gathered: Vec::new(), begun: 0 }
    }

    /// Takes sound in. What overlaps with what is encoded already is left out; before a gap everything is closed.
    pub fn push(&mut self, stretch: &Stretch, done: &mut Vec<Fragment>) -> Result<(), OpusError> {
        let expected = self.at + self.rest.len() as u64;
        if stretch.tick > expected {
            done.extend(self.close()?);
            self.at = self.at.max(stretch.tick);
        }
        let over = (self.at + self.rest.len() as u64).saturating_sub(stretch.tick);
        let samples = stretch.samples.get(usize::try_from(over).unwrap_or(usize::MAX)..).unwrap_or_default();
        self.rest.extend_from_slice(samples);
        let mut used = 0;
        while let Some(samples) = self.rest.get(used..used + PACKET) {
            let packet = self.encoder.encode(samples);
            used += PACKET;
            match packet {
                Ok(packet) => done.extend(self.gather(packet)),
                Err(error) => {
                    // What could not be encoded is a gap.
                    done.extend(self.cut());
                    self.at += PACKET_TICKS;
                    self.rest.drain(..used);
                    return Err(error);
                }
            }
        }
        self.rest.drain(..used);
        Ok(())
    }

    /// Closes what is being gathered: no sound comes for a while, or none any more. A packet that is not full is filled with silence.
    pub fn close(&mut self) -> Result<Option<Fragment>, OpusError> {
        if self.rest.is_empty() {
            return Ok(self.cut());
        }
        let rest = std::mem::take(&mut self.rest);
        let packet = self.encoder.encode(&rest);
        match packet {
            // A fragment that is full thereby is the last one.
            Ok(packet) => Ok(self.gather(packet).or_else(|| self.cut())),
            Err(error) => {
                self.at += PACKET_TICKS;
                Err(error)
            }
        }
    }

    fn gather(&mut self, packet: Vec<u8>) -> Option<Fragment> {
        if self.gathered.is_empty() {
            self.begun = self.at - self.encoder.ahead();
        }
        self.at += PACKET_TICKS;
        self.gathered.push(packet);
        if self.gathered.len() >= FRAGMENT { self.cut() } else { None }
    }

    fn cut(&mut self) -> Option<Fragment> {
        if self.gathered.is_empty() {
            return None;
        }
        let sample = |data| Sample { data, key: true, duration: PACKET as u32, composition: 0 };
        let samples: Vec<Sample> = std::mem::take(&mut self.gathered).into_iter().map(sample).collect();
        self.number = self.number.wrapping_add(1);
        let ticks = samples.len() as u64 * PACKET_TICKS;
        Some(Fragment {
            media: Arc::clone(&self.media),
            bytes: cmaf::fragment(self.number, self.begun, &samples),
            boottime_us: self.origin_us + micros(self.begun),
            duration_us: u32::try_from(micros(ticks)).unwrap_or(u32::MAX),
            key: true,
            pictures: u32::try_from(samples.len()).unwrap_or(u32::MAX),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ffmpeg_next as ffmpeg;
    use std::f64::consts::TAU;

    const ORIGIN: u64 = 3_000_000_000;

    /// Decoded with libavformat: times of samples louder than a tenth after a fifth of a second below that, s; and decoded samples in all.
    fn onsets(fragments: &[Fragment]) -> (Vec<f64>, usize) {
        let mut file = Media::Opus.init();
        fragments.iter().for_each(|fragment| file.extend(&fragment.bytes));
        let io = ffmpeg::format::context::StreamIo::from_read_seek(std::io::Cursor::new(file)).unwrap();
        let mut input = ffmpeg::format::input_from_stream(io, Some("x.mp4"), None).unwrap();
        let stream = input.streams().best(ffmpeg::media::Type::Audio).unwrap();
        assert_eq!((stream.time_base(), stream.parameters().id()), (ffmpeg::Rational(1, 48_000), ffmpeg::codec::Id::OPUS));
        let mut decoder = ffmpeg::codec::Context::from_parameters(stream.parameters()).unwrap().decoder().audio().unwrap();
        let (mut found, mut quiet, mut all) = (Vec::new(), 48_000, 0);
        let mut frame = ffmpeg::frame::Audio::empty();
        let packets: Vec<_> = input.packets().map(|(_, packet)| packet).collect();
        for packet in packets {
            decoder.send_packet(&packet).unwrap();
            while decoder.receive_frame(&mut frame).is_ok() {
                let begun = frame.pts().unwrap();
                all += frame.samples();
                for (i, sample) in frame.plane::<f32>(0).iter().enumerate() {
                    if sample.abs() > 0.1 {
                        if quiet >= 9600 {
                            found.push((begun + i as i64) as f64 / 48_000.0);
                        }
                        quiet = 0;
                    } else {
                        quiet += 1;
                    }
                }
            }
        }
        (found, all)
    }

    /// A beep of 100 ms at each full second after the origin.
    fn beeps(from_tick: u64, secs: f64) -> Stretch {
        let value = |tick: u64| if tick % 48_000 < 4800 { 0.5 * (tick as f64 / 48_000.0 * 880.0 * TAU).sin() } else { 0.0 };
        Stretch { tick: from_tick, samples: (0..(secs * 48_000.0) as u64).map(|i| value(from_tick + i) as f32).collect() }
    }

    #[test]
    fn what_is_decoded_stands_where_it_was_heard_also_behind_gaps() {
        let mut packets = Packets::new(ORIGIN, Opus::new().unwrap());
        let mut done = Vec::new();
        packets.push(&beeps(48_123, 3.5), &mut done).unwrap();
        // Contiguous; then 4.3 s missing; then a piece that overlaps by a second.
        packets.push(&beeps(48_123 + 168_000, 0.7), &mut done).unwrap();
        packets.push(&beeps(456_000, 2.0), &mut done).unwrap();
        packets.push(&beeps(504_000, 2.0), &mut done).unwrap();
        done.extend(packets.close().unwrap());
        assert!(packets.close().unwrap().is_none());
        let (found, all) = onsets(&done);
        // The first is under way when the track begins.
        let expected = [1.0026, 2.0, 3.0, 4.0, 5.0, 10.0, 11.0, 12.0];
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 0.004, "{found} for {expected}");
        }
        assert!(all.abs_diff((4.2 * 48_000.0) as usize + 3 * 48_000) < 2 * PACKET, "{all}");
        for pair in done.windows(2) {
            assert!(pair[0].boottime_us + u64::from(pair[0].duration_us) <= pair[1].boottime_us + 25);
        }
        assert!(done.iter().all(|fragment| fragment.key && fragment.duration_us <= 1_000_000 && fragment.pictures <= 50));
        let bytes: usize = done.iter().map(|fragment| fragment.bytes.len()).sum();
        assert!(bytes < 7 * 5_600, "{bytes} bytes");
    }

    #[test]
    fn playing_from_any_fragment_gives_the_same_times() {
        let mut packets = Packets::new(ORIGIN, Opus::new().unwrap());
        let mut done = Vec::new();
        packets.push(&beeps(24_000, 10.0), &mut done).unwrap();
        let (found, _) = onsets(&done[4..]);
        assert!(found.len() >= 4 && found.iter().all(|at| (at - at.round()).abs() < 0.004), "{found:?}");
    }
}
