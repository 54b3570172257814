-- Schema 3: what an act says of an exam and a candidate beyond their names (docs/evidence.md, Prefilling). All optional.

ALTER TABLE exams ADD COLUMN form TEXT; -- Form of the exam, in words (written, oral, test).
ALTER TABLE exams ADD COLUMN platform TEXT; -- Platform of an online exam.
ALTER TABLE exams ADD COLUMN invigilator TEXT; -- Teacher on duty.

ALTER TABLE recordings ADD COLUMN room TEXT; -- Candidate's room; a room's own name is in `who`.
ALTER TABLE recordings ADD COLUMN seat TEXT; -- Candidate's seat.
ALTER TABLE recordings ADD COLUMN programme TEXT; -- Candidate's study programme.
ALTER TABLE recordings ADD COLUMN course TEXT; -- Candidate's year of study.
ALTER TABLE recordings ADD COLUMN attempt TEXT; -- Which attempt it is.
