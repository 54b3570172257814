//! Accounts, roles, sign-in and sessions of staff.

pub mod accounts;
pub mod confirm;
pub mod guard;
pub mod limit;
pub mod password;
pub mod roles;
pub mod session;
pub mod sign_in;

pub use roles::{Access, Role};
pub use session::Who;
