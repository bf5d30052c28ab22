-- A capture may be in any number of workspaces, or in none. Trace rows of a workspace lie in `trace` under its own id.
ALTER TABLE "capture" DROP CONSTRAINT "capture_workspace_id_fkey", DROP COLUMN "workspace_id";
DELETE FROM "workspace";

ALTER TABLE "workspace"
    ADD COLUMN "state" TEXT NOT NULL DEFAULT 'queued',
    ADD COLUMN "problem" TEXT,
    ADD COLUMN "clocks" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "services" JSONB NOT NULL DEFAULT '[]',
    ADD COLUMN "time_origin" BIGINT,
    ADD COLUMN "span_count" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "trace_count" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN "error_traces" BIGINT NOT NULL DEFAULT 0;

CREATE TABLE "workspace_capture" (
    "workspace_id" UUID NOT NULL,
    "capture_id" UUID NOT NULL,
    CONSTRAINT "workspace_capture_pkey" PRIMARY KEY ("workspace_id", "capture_id"),
    CONSTRAINT "workspace_capture_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "workspace_capture_capture_id_fkey" FOREIGN KEY ("capture_id") REFERENCES "capture"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "workspace_capture_capture_id_idx" ON "workspace_capture"("capture_id");
