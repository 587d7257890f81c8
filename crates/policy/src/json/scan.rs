//! Finding the next byte that matters, eight bytes at a time.

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGH_BITS: u64 = 0x80 * ONES;
const SPACES: u64 = b' ' as u64 * ONES;

/// The first byte from `from` on that does not stand for itself in a string: a quote, a
/// backslash or a control character; the end where there is none.
#[inline]
pub(super) fn plain_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(word) = word_at(bytes, at) {
        // Subtracting from each byte borrows into its highest bit where the byte is smaller. A
        // borrow may run on into later bytes, so only the first hit is certain; no more is asked.
        // The flip makes the quote 0x20 and leaves control characters below it.
        let flipped = word ^ (0x02 * ONES);
        let quote_or_control = flipped.wrapping_sub(0x21 * ONES) & !flipped;
        let backslash = word ^ (b'\\' as u64 * ONES);
        let hits = (quote_or_control | backslash.wrapping_sub(ONES) & !backslash) & HIGH_BITS;
        if hits != 0 {
            return at + first_byte(hits);
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|&byte| !matches!(byte, b'"' | b'\\' | 0..0x20)) {
        at += 1;
    }
    at
}

/// The first byte from `from` on that is no white space of JSON.
#[inline]
pub(super) fn space_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\n' | b'\r' | b'\t') => at += 1,
            _ => return at,
        }
        // A colon has one space behind it.
        if bytes.get(at) != Some(&b' ') {
            continue;
        }
        // Indentation is what most white space consists of.
        while let Some(word) = word_at(bytes, at) {
            let other = word ^ SPACES;
            if other != 0 {
                at += first_byte(other);
                break;
            }
            at += 8;
        }
    }
}

/// Whether a byte belongs to a word.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a byte may stand directly behind a string, be it a mistake of its own.
#[inline]
pub(super) fn may_follow_string(byte: u8) -> bool {
    matches!(
        byte,
        0..=b' ' | b',' | b':' | b']' | b'}' | b'[' | b'{' | b'"' | b'/' | b'#' | b'=' | 0x80..
    )
}

fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

fn first_byte(hits: u64) -> usize {
    (hits.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_at_each_place() {
        for place in 0..20 {
            for byte in 0..=255 {
                let mut bytes = [0xff; 24];
                bytes[place] = byte;
                let plain = !matches!(byte, 0..0x20 | b'"' | b'\\');
                assert_eq!(plain_end(&bytes, 0), if plain { 24 } else { place }, "{byte}");

                let mut bytes = [b' '; 24];
                bytes[place] = byte;
                let space = matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
                assert_eq!(space_end(&bytes, 0), if space { 24 } else { place }, "{byte}");
            }
        }
    }
}
