//! The device key: made at first use, kept in the spool's state folder, readable by its owner only.

use super::EnrolError;
use crate::disk;
use invigil_format::DeviceKey;
use std::path::Path;
use zeroize::Zeroizing;

/// Loads the key or makes it.
pub fn device_key(state: &Path) -> Result<DeviceKey, EnrolError> {
    let path = state.join("device.key");
    let seed = match std::fs::read(&path) {
        Ok(bytes) => {
            let bytes = Zeroizing::new(bytes);
            let mut seed = Zeroizing::new([0; 32]);
            hex::decode_to_slice(bytes.trim_ascii_end(), &mut *seed).map_err(|e| {
                EnrolError::disk("reading the device key", &path)(std::io::Error::new(std::io::ErrorKind::InvalidData, e.to_string()))
            })?;
            seed
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let random =
                invigil_clock::random::<32>().map_err(|e| EnrolError::disk("making the device key", &path)(std::io::Error::other(e)))?;
            let seed = Zeroizing::new(random);
            let text = Zeroizing::new(hex::encode(*seed));
            disk::write_atomic(&path, text.as_bytes()).map_err(EnrolError::disk("writing the device key", &path))?;
            seed
        }
        Err(error) => return Err(EnrolError::disk("reading the device key", &path)(error)),
    };
    DeviceKey::from_seed(&seed).map_err(|source| EnrolError::Format { attempt: "loading the device key", source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_stays_the_same_and_a_damaged_one_is_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let first = device_key(dir.path()).unwrap().public();
        assert_eq!(device_key(dir.path()).unwrap().public(), first);
        std::fs::write(dir.path().join("device.key"), "zz").unwrap();
        assert!(device_key(dir.path()).is_err());
    }
}
