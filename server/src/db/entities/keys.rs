//! Certificates and key records: public or sealed, never a secret.

/// Statements of type `certificate` that this server holds.
pub mod certificates {
    use sea_orm::entity::prelude::*;

    /// Statements of type `certificate` that this server holds.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "certificates")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Role (format.md 3).
        pub role: String,
        /// Public key, hexadecimal.
        pub subject: String,
        /// Exam, for role `erasure`.
        pub exam_id: Option<i64>,
        /// Recording, for role `device`.
        pub recording_id: Option<i64>,
        /// Unix ms, inclusive.
        pub not_before_ms: i64,
        /// Unix ms, exclusive.
        pub not_after_ms: i64,
        /// The statement, JSON.
        pub statement: String,
        /// Unix ms.
        pub created_ms: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A run's key record, as the device signed it.
pub mod key_records {
    use sea_orm::entity::prelude::*;

    /// A run's key record, as the device signed it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "key_records")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Run.
        pub run_id: i64,
        /// Digest of the statement, hexadecimal.
        pub digest: String,
        /// The statement, JSON.
        pub statement: String,
        /// Unix ms.
        pub received_ms: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
