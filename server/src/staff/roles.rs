//! Who may do what: the one table of roles. What is not named here is refused.

use core::fmt;
use core::str::FromStr;

/// A member of staff has one role; least privilege decides which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Teacher on duty.
    Invigilator,
    /// IT staff who find and review footage (KazNU 1.5).
    Reviewer,
    /// University commission and Faculty Board (KazNU 10.1, 10.2).
    Board,
    /// Registrar and dean's office.
    Registrar,
    /// Runs the server.
    Admin,
    /// Reads what was done, by whom.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [Self::Invigilator, Self::Reviewer, Self::Board, Self::Registrar, Self::Admin, Self::Auditor];

    /// Its name in the database, on the command line and in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invigilator => "invigilator",
            Self::Reviewer => "reviewer",
            Self::Board => "board",
            Self::Registrar => "registrar",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a role (invigilator, reviewer, board, registrar, admin or auditor), found {0:?}")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| UnknownRole(text.chars().take(40).collect()))
    }
}

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: signing in.
    Anyone,
    /// A session.
    SignedIn,
    /// To find an exam and who is in it. An invigilator is shown those that run, without timelines.
    Exams,
    /// To see exams, recordings, their timelines and findings, without pictures.
    Facts,
    /// To say that the papers of a room are collected, which ends its recording.
    EndRooms,
    /// To be given sealed footage and what opens it, to hold it and to release it.
    Footage,
    /// To draft acts; of which kinds, and whose drafts, the form says.
    DraftActs,
    /// To read acts, and to sign where the form and the draft name the person; which acts, the form says.
    ReadActs,
    /// To pass an act on and to confirm that the grade was cancelled.
    SignActs,
    /// To be given the list of annulments for the transcript (KazNU 1.20).
    Registrar,
    /// To read the audit log.
    Logs,
}

impl Access {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Anyone,
        Self::SignedIn,
        Self::Exams,
        Self::Facts,
        Self::EndRooms,
        Self::Footage,
        Self::DraftActs,
        Self::ReadActs,
        Self::SignActs,
        Self::Registrar,
        Self::Logs,
    ];
}

/// Whether somebody of this role may. `holds_review_key` says whether a review key was given to the account: an admin reviews and drafts
/// only with one, as in the set-up for trying out that `init` makes; in production an admin gets none.
pub const fn may(role: Role, holds_review_key: bool, access: Access) -> bool {
    match access {
        Access::Anyone | Access::SignedIn => true,
        Access::Exams => match role {
            Role::Invigilator | Role::Reviewer | Role::Board | Role::Registrar | Role::Admin => true,
            Role::Auditor => false,
        },
        Access::Facts => match role {
            Role::Reviewer | Role::Board | Role::Registrar | Role::Admin => true,
            Role::Invigilator | Role::Auditor => false,
        },
        Access::EndRooms => match role {
            Role::Invigilator | Role::Admin => true,
            Role::Reviewer | Role::Board | Role::Registrar | Role::Auditor => false,
        },
        Access::Footage => match role {
            Role::Reviewer | Role::Board => true,
            Role::Admin => holds_review_key,
            Role::Invigilator | Role::Registrar | Role::Auditor => false,
        },
        Access::DraftActs => match role {
            Role::Invigilator | Role::Reviewer | Role::Board | Role::Registrar => true,
            Role::Admin => holds_review_key,
            Role::Auditor => false,
        },
        Access::ReadActs => match role {
            Role::Invigilator | Role::Reviewer | Role::Board | Role::Registrar | Role::Admin => true,
            Role::Auditor => false,
        },
        Access::SignActs => match role {
            Role::Board => true,
            Role::Invigilator | Role::Reviewer | Role::Registrar | Role::Admin | Role::Auditor => false,
        },
        Access::Registrar => match role {
            Role::Registrar => true,
            Role::Invigilator | Role::Reviewer | Role::Board | Role::Admin | Role::Auditor => false,
        },
        Access::Logs => match role {
            Role::Admin | Role::Auditor => true,
            Role::Invigilator | Role::Reviewer | Role::Board | Role::Registrar => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_one_spelling() {
        for role in Role::ALL {
            assert_eq!(role.name().parse::<Role>(), Ok(role));
        }
        assert!("Admin".parse::<Role>().is_err());
        assert!("".parse::<Role>().is_err());
    }

    #[test]
    fn the_table_of_roles_is_the_one_that_was_decided() {
        let table: Vec<_> = Role::ALL.map(|role| Access::ALL.map(|access| (may(role, false, access), may(role, true, access)))).into();
        let (yes, no, key) = ((true, true), (false, false), (false, true));
        assert_eq!(
            table,
            [
                // anyone, signed in, exams, facts, end rooms, footage, draft, read, sign, registrar, logs
                [yes, yes, yes, no, yes, no, yes, yes, no, no, no],    // invigilator
                [yes, yes, yes, yes, no, yes, yes, yes, no, no, no],   // reviewer
                [yes, yes, yes, yes, no, yes, yes, yes, yes, no, no],  // board
                [yes, yes, yes, yes, no, no, yes, yes, no, yes, no],   // registrar
                [yes, yes, yes, yes, yes, key, key, yes, no, no, yes], // admin
                [yes, yes, no, no, no, no, no, no, no, no, yes],       // auditor
            ]
        );
    }
}
