//! Rooms that have a computer of their own.

/// A room that has a computer of its own.
pub mod rooms {
    use sea_orm::entity::prelude::*;

    /// A room that has a computer of its own.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "rooms")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Public id.
        pub uuid: String,
        /// Name, the same as `who` of the room's recordings.
        pub name: String,
        /// Digest of the room code (format.md 7), hexadecimal; null when withdrawn.
        pub code_digest: Option<String>,
        /// First use of that code, Unix ms.
        pub code_used_ms: Option<i64>,
        /// Computer that was enrolled, hexadecimal Ed25519 key.
        pub device_key: Option<String>,
        /// SHA-256 of its bearer token, hexadecimal.
        pub token_digest: Option<String>,
        /// Agent's version, for support.
        pub agent_version: Option<String>,
        /// Last enrolment, Unix ms.
        pub enrolled_ms: Option<i64>,
        /// Unix ms.
        pub created_ms: i64,
        /// When the room was withdrawn, Unix ms.
        pub withdrawn_ms: Option<i64>,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
