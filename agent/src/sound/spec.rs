//! Which microphone: `--microphone`.

use std::fmt;
use std::str::FromStr;

/// Longest name, bytes.
const MAX_NAME: usize = 200;

/// A microphone as it is named on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Spec {
    /// The system's own choice.
    #[default]
    Default,
    /// No sound, whatever the policy says.
    None,
    /// A device by its name, as `invigil-agent cameras` lists it.
    Named(String),
}

/// Not the name of a microphone.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "--microphone takes `default`, `none` or a name that `invigil-agent cameras` lists, of at most {MAX_NAME} bytes without control characters"
)]
pub struct SpecError;

impl Spec {
    /// The device's name; `None` is the default one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Default | Self::None => None,
        }
    }
}

impl FromStr for Spec {
    type Err = SpecError;
    fn from_str(text: &str) -> Result<Self, SpecError> {
        match text {
            "default" => Ok(Self::Default),
            "none" => Ok(Self::None),
            name if !name.is_empty() && name.len() <= MAX_NAME && !name.chars().any(char::is_control) => Ok(Self::Named(name.into())),
            _ => Err(SpecError),
        }
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("microphone:default"),
            Self::None => f.write_str("microphone:none"),
            Self::Named(name) => write!(f, "microphone:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_shown_as_they_were_given() {
        assert_eq!("default".parse(), Ok(Spec::Default));
        assert_eq!("none".parse(), Ok(Spec::None));
        assert_eq!("hw:CARD=1,DEV=0".parse::<Spec>().unwrap().to_string(), "microphone:hw:CARD=1,DEV=0");
        for wrong in ["", "a\nb", &"x".repeat(201)] {
            assert_eq!(wrong.parse::<Spec>(), Err(SpecError));
        }
    }
}
