//! Segments and the journal.

/// One segment file: incoming, stored or refused.
pub mod segments {
    use sea_orm::entity::prelude::*;

    /// One segment file: incoming, stored or refused.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "segments")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Recording.
        pub recording_id: i64,
        /// Run.
        pub run_id: i64,
        /// Track.
        pub track: String,
        /// Number within run and track.
        pub sequence: i64,
        /// Rises when an object key has to be used again, so that no key ever means two things.
        pub generation: i32,
        /// `incoming`, `stored` or `refused`.
        pub state: String,
        /// Why, for people and programs.
        pub refused: Option<String>,
        /// Kind of track, from the header once it is here.
        pub kind: Option<String>,
        /// RFC 6381, from the header.
        pub codec: Option<String>,
        /// Unix ms.
        pub created_ms: i64,
        /// Unix ms.
        pub stored_ms: Option<i64>,
        /// Size of the file: when stored or refused; of an incoming file, as last noted.
        pub size_bytes: i64,
        /// SHA-256 of the whole file, hexadecimal; when stored.
        pub digest: Option<String>,
        /// Head after the last frame, hexadecimal; when stored.
        pub head: Option<String>,
        /// Boot time of media time zero, us.
        pub origin_boottime_us: Option<i64>,
        /// Device's wall clock minus its boot time in the first chunk, ms.
        pub wall_minus_boot_ms: Option<i64>,
        /// Boot time of the first picture, us.
        pub first_us: Option<i64>,
        /// Boot time of the end of the last picture, us.
        pub last_us: Option<i64>,
        /// Sum of the durations of the chunks, us.
        pub duration_us: Option<i64>,
        /// Chunk index, 24 bytes a chunk (`store::index`); when stored.
        pub chunks: Option<Vec<u8>>,
        /// Receipt statement, JSON; when stored.
        pub receipt: Option<String>,
        /// Rises with every change of anything that the review page shows of it.
        pub revision: i64,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An entry of a run's journal, as the device signed it.
pub mod journal_entries {
    use sea_orm::entity::prelude::*;

    /// An entry of a run's journal, as the device signed it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_entries")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Run.
        pub run_id: i64,
        /// Index of the entry in its run.
        pub entry: i64,
        /// Digest of the statement, hexadecimal.
        pub digest: String,
        /// Kind of the event.
        pub kind: String,
        /// Device's boot.
        pub boot_id: String,
        /// Device's boot time, us.
        pub boottime_us: i64,
        /// Device's wall clock, Unix ms.
        pub wall_ms: i64,
        /// The event, JSON.
        pub event: String,
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
