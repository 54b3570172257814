//! Exams, recordings and what an agent has told of its runs.

/// One sitting.
pub mod exams {
    use sea_orm::entity::prelude::*;

    /// One sitting.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "exams")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Public id.
        pub uuid: String,
        /// Title.
        pub title: String,
        /// Discipline.
        pub discipline: String,
        /// Faculty.
        pub faculty: Option<String>,
        /// Examiner.
        pub examiner: Option<String>,
        /// Name of the policy file, without `.toml`.
        pub policy: String,
        /// Scheduled start, Unix ms.
        pub starts_ms: i64,
        /// Scheduled end, Unix ms.
        pub ends_ms: i64,
        /// Later of the scheduled end and every end seen so far, Unix ms.
        pub actual_end_ms: i64,
        /// Offset of the zone at the start, seconds east of UTC.
        pub utc_offset_secs: i32,
        /// Public half of the erasure key, hexadecimal.
        pub erasure_public: String,
        /// Unix ms.
        pub created_ms: i64,
        /// When the erasure key was destroyed, Unix ms.
        pub destroyed_ms: Option<i64>,
        /// Form of the exam, in words (written, oral, test).
        pub form: Option<String>,
        /// Platform of an online exam.
        pub platform: Option<String>,
        /// Teacher on duty.
        pub invigilator: Option<String>,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is captured for one exam and one candidate or room.
pub mod recordings {
    use sea_orm::entity::prelude::*;

    /// What is captured for one exam and one candidate or room.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "recordings")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Public id.
        pub uuid: String,
        /// Exam.
        pub exam_id: i64,
        /// `candidate` or `room`.
        pub kind: String,
        /// Candidate's or room's name.
        pub who: String,
        /// Candidate's id in the university's lists.
        pub external_id: Option<String>,
        /// Own window: scheduled start, Unix ms.
        pub starts_ms: i64,
        /// Own window: scheduled end without extra time, Unix ms.
        pub ends_ms: i64,
        /// Extra time granted, ms.
        pub extra_ms: i64,
        /// Digest of the join code (format.md 7), hexadecimal; null when withdrawn.
        pub code_digest: Option<String>,
        /// First use of that code, Unix ms.
        pub code_used_ms: Option<i64>,
        /// Device that joined, hexadecimal Ed25519 key.
        pub device_key: Option<String>,
        /// SHA-256 of the bearer token, hexadecimal.
        pub token_digest: Option<String>,
        /// Agent's version, for support.
        pub agent_version: Option<String>,
        /// First join, Unix ms.
        pub joined_ms: Option<i64>,
        /// When the candidate finished or the papers were collected, Unix ms.
        pub finished_ms: Option<i64>,
        /// `candidate`, `invigilator`, `agent` or `staff`.
        pub finished_by: Option<String>,
        /// Last authenticated request; written in batches, newer in memory, Unix ms.
        pub last_contact_ms: Option<i64>,
        /// Last moment that was captured, Unix ms of this server.
        pub last_capture_ms: Option<i64>,
        /// When the sweep began to destroy it, Unix ms.
        pub expired_ms: Option<i64>,
        /// Candidate's room; a room's own name is in `who`.
        pub room: Option<String>,
        /// Candidate's seat.
        pub seat: Option<String>,
        /// Candidate's study programme.
        pub programme: Option<String>,
        /// Candidate's year of study.
        pub course: Option<String>,
        /// Which attempt it is.
        pub attempt: Option<String>,
        /// Room whose computer has taken it last; null when a device joined by a code.
        pub taken_by_room: Option<i64>,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One life of an agent process.
pub mod runs {
    use sea_orm::entity::prelude::*;

    /// One life of an agent process.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "runs")]
    pub struct Model {
        /// Number, in order of arrival.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Public id.
        pub uuid: String,
        /// Recording.
        pub recording_id: i64,
        /// Device key, hexadecimal.
        pub device_key: String,
        /// Device's boot, once known.
        pub boot_id: Option<String>,
        /// Unix ms.
        pub first_seen_ms: i64,
        /// Server's time minus the device's boot time at the fastest heartbeat of the run's first minute, ms; frozen then.
        pub clock_offset_ms: Option<i64>,
        /// Last heartbeat; written in batches, Unix ms.
        pub last_seen_ms: Option<i64>,
        /// Device's boot time in that heartbeat, us.
        pub last_boottime_us: Option<i64>,
        /// When its `run-ended` arrived, Unix ms.
        pub ended_ms: Option<i64>,
        /// Reason in it.
        pub end_reason: Option<String>,
    }

    /// None: rows are joined by hand.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
