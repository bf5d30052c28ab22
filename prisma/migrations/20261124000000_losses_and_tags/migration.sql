-- Captures that were read before have neither: they are read again when they are uploaded again.
ALTER TABLE "capture"
    ADD COLUMN "losses" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "tags" JSONB NOT NULL DEFAULT '[]';
