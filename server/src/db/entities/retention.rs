//! What was destroyed, and what must never come back.

/// A recording that is gone for ever.
pub mod tombstones {
    use sea_orm::entity::prelude::*;

    /// A recording that is gone for ever.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tombstones")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Public id of the recording.
        pub recording: String,
        /// Public id of its exam.
        pub exam: String,
        /// Unix ms.
        pub expired_ms: i64,
        /// The signed expiry (format.md 7), JSON.
        pub statement: Option<String>,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A record of destroying the footage of one exam.
pub mod deletions {
    use sea_orm::entity::prelude::*;

    /// A record of destroying the footage of one exam.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "deletions")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Exam.
        pub exam_id: i64,
        /// Last step that is complete.
        pub step: String,
        /// Unix ms.
        pub started_ms: i64,
        /// Unix ms.
        pub finished_ms: Option<i64>,
        /// Segments destroyed.
        pub segments: i64,
        /// Bytes destroyed.
        pub bytes: i64,
        /// What was destroyed, JSON.
        pub detail: String,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
