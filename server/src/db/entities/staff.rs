//! People who sign in, their sessions and wrapped keys, and the audit log.

/// Somebody who can sign in.
pub mod accounts {
    use sea_orm::entity::prelude::*;

    /// Somebody who can sign in.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "accounts")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Login name, lower case.
        pub login: String,
        /// Name for people.
        pub name: String,
        /// `reviewer`, `board`, `registrar`, `invigilator`, `admin` or `auditor`.
        pub role: String,
        /// Argon2id, PHC string.
        pub password_hash: String,
        /// Unix ms.
        pub created_ms: i64,
        /// Unix ms.
        pub disabled_ms: Option<i64>,
        /// What the holder is; stands in acts.
        pub post: String,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A sign-in.
pub mod sessions {
    use sea_orm::entity::prelude::*;

    /// A sign-in.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// SHA-256 of the cookie's token, hexadecimal.
        pub token_digest: String,
        /// Account.
        pub account_id: i64,
        /// Unix ms.
        pub created_ms: i64,
        /// Unix ms.
        pub last_seen_ms: i64,
        /// Unix ms.
        pub expires_ms: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A review key wrapped under its holder's passphrase.
pub mod review_keys {
    use sea_orm::entity::prelude::*;

    /// A review key wrapped under its holder's passphrase.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_keys")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Holder.
        pub account_id: i64,
        /// Public half, hexadecimal.
        pub public: String,
        /// Name for people.
        pub name: String,
        /// The file of format.md 8, JSON.
        pub wrapped: String,
        /// Unix ms.
        pub created_ms: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An entry of the hash-chained audit log.
pub mod audit {
    use sea_orm::entity::prelude::*;

    /// An entry of the hash-chained audit log.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Unix ms.
        pub at_ms: i64,
        /// `staff:ID`, `device:KEY`, `server` or `cli`; never the name of a person.
        pub who: String,
        /// What was done, kebab-case.
        pub action: String,
        /// To what: `exam:ID`, `recording:ID` ...
        pub object: String,
        /// JSON object.
        pub detail: String,
        /// Digest of the entry before, hexadecimal; 64 zeros for the first.
        pub previous: String,
        /// Digest of this entry, hexadecimal.
        pub digest: String,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
