//! CMAF boxes of a track of sound: one mono Opus track (Encapsulation of Opus in ISO Base Media File Format, version 0.8.1).

use super::cmaf::{boxed, full, matrix, words};

/// Ticks of media time a second, and Opus' samples.
pub const TIMESCALE: u32 = 48_000;

/// Ticks after the run's origin in the time that passed since it, rounded down.
pub fn ticks(since_origin_us: u64) -> u64 {
    since_origin_us * 6 / 125
}

/// What [`ticks`] undoes, us.
pub fn micros(ticks: u64) -> u64 {
    ticks * 125 / 6
}

/// The initialisation section: `ftyp`, `moov`.
///
/// `PreSkip` is 0: what the encoder looks ahead is taken off the packets' times instead (`sound/packets.rs`). So no player has anything to leave out, and
/// times are right wherever playing begins.
pub fn init() -> Vec<u8> {
    let mut out = Vec::with_capacity(700);
    boxed(&mut out, b"ftyp", |out| out.extend(b"iso6\0\0\0\0iso6cmfcmp41"));
    boxed(&mut out, b"moov", |out| {
        full(out, b"mvhd", 0, 0, |out| {
            words(out, &[0, 0, TIMESCALE, 0, 0x0001_0000]);
            out.extend([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            matrix(out);
            words(out, &[0, 0, 0, 0, 0, 0, 2]);
        });
        boxed(out, b"trak", track);
        boxed(out, b"mvex", |out| full(out, b"trex", 0, 0, |out| words(out, &[1, 1, 0, 0, 0])));
    });
    out
}

fn track(out: &mut Vec<u8>) {
    full(out, b"tkhd", 0, 3, |out| {
        words(out, &[0, 0, 1, 0, 0, 0, 0, 0, 0x0100_0000]);
        matrix(out);
        words(out, &[0, 0]);
    });
    boxed(out, b"mdia", |out| {
        full(out, b"mdhd", 0, 0, |out| words(out, &[0, 0, TIMESCALE, 0, 0x55C4_0000]));
        full(out, b"hdlr", 0, 0, |out| {
            words(out, &[0]);
            out.extend(b"soun\0\0\0\0\0\0\0\0\0\0\0\0sound\0");
        });
        boxed(out, b"minf", |out| {
            full(out, b"smhd", 0, 0, |out| words(out, &[0]));
            boxed(out, b"dinf", |out| {
                full(out, b"dref", 0, 0, |out| {
                    words(out, &[1]);
                    full(out, b"url ", 0, 1, |_| {});
                });
            });
            boxed(out, b"stbl", |out| {
                full(out, b"stsd", 0, 0, |out| {
                    words(out, &[1]);
                    sample_entry(out);
                });
                full(out, b"stts", 0, 0, |out| words(out, &[0]));
                full(out, b"stsc", 0, 0, |out| words(out, &[0]));
                full(out, b"stsz", 0, 0, |out| words(out, &[0, 0]));
                full(out, b"stco", 0, 0, |out| words(out, &[0]));
            });
        });
    });
}

fn sample_entry(out: &mut Vec<u8>) {
    boxed(out, b"Opus", |out| {
        // Data reference 1; one channel of 16 bits; 48000.0 Hz.
        words(out, &[0, 1, 0, 0, 0x0001_0010, 0, TIMESCALE << 16]);
        boxed(out, b"dOps", |out| {
            // Version 0, one channel, PreSkip 0; then the rate before encoding, gain 0, mapping family 0.
            out.extend([0, 1, 0, 0]);
            words(out, &[TIMESCALE]);
            out.extend([0, 0, 0]);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_and_microseconds_undo_each_other() {
        for tick in [0, 1, 5, 959, 960, 48_000, 48_001, 1_000_000_007] {
            assert!((u64::saturating_sub(tick, 1)..=tick).contains(&ticks(micros(tick))), "{tick}");
        }
        assert_eq!((ticks(1_000_000), micros(48_000 * 3600 * 3)), (48_000, 10_800_000_000));
    }
}
