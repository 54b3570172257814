//! One byte range of a file (RFC 9110, 14).

/// What a `Range` header asks of a file that has so many readable bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// No range, or one that is to be ignored (another unit, several ranges, not well formed): the whole file.
    Whole,
    /// From the first byte to the last, both inclusive.
    Part {
        /// Offset of the first byte.
        first: u64,
        /// Offset of the last byte.
        last: u64,
    },
    /// Begins at or beyond the readable end: 416.
    Beyond,
}

/// Reads a `Range` header.
pub fn range(header: Option<&str>, size_bytes: u64) -> Range {
    let Some((first, last)) = header.and_then(|text| text.trim().strip_prefix("bytes=")).and_then(|text| text.trim().split_once('-'))
    else {
        return Range::Whole;
    };
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => Range::Whole,
        (Some(first), _) if first >= size_bytes && (last.is_empty() || number(last).is_some()) => Range::Beyond,
        (Some(first), Some(last)) => Range::Part { first, last: last.min(size_bytes - 1) },
        (Some(first), None) if last.is_empty() => Range::Part { first, last: size_bytes - 1 },
        (None, Some(0)) if first.is_empty() => Range::Beyond,
        (None, Some(_)) if first.is_empty() && size_bytes == 0 => Range::Beyond,
        (None, Some(tail)) if first.is_empty() => Range::Part { first: size_bytes.saturating_sub(tail), last: size_bytes - 1 },
        _ => Range::Whole,
    }
}

/// Digits only; a number too large for 64 bits is as good as the largest.
fn number(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_a_range() {
        let part = |first, last| Range::Part { first, last };
        for (header, size, expected) in [
            ("bytes=0-9", 100, part(0, 9)),
            ("bytes=99-99", 100, part(99, 99)),
            ("bytes=90-", 100, part(90, 99)),
            ("bytes=90-200", 100, part(90, 99)),
            ("bytes=0-99999999999999999999999", 100, part(0, 99)),
            ("bytes=-10", 100, part(90, 99)),
            ("bytes=-1000", 100, part(0, 99)),
            ("bytes=100-", 100, Range::Beyond),
            ("bytes=100-120", 100, Range::Beyond),
            ("bytes=99999999999999999999999-", 100, Range::Beyond),
            ("bytes=-0", 100, Range::Beyond),
            ("bytes=0-", 0, Range::Beyond),
            ("bytes=-1", 0, Range::Beyond),
            ("bytes=9-0", 100, Range::Whole),
            ("bytes=0-1,5-6", 100, Range::Whole),
            ("bytes=a-b", 100, Range::Whole),
            ("bytes=200-x", 100, Range::Whole),
            ("bytes=-", 100, Range::Whole),
            ("bytes=5", 100, Range::Whole),
            ("bytes=+1-2", 100, Range::Whole),
            ("items=0-9", 100, Range::Whole),
        ] {
            assert_eq!(range(Some(header), size), expected, "{header} of {size}");
        }
        assert_eq!(range(None, 100), Range::Whole);
    }
}
