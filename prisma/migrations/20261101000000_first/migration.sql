CREATE TABLE "workspace" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "workspace_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "capture" (
    "id" UUID NOT NULL,
    "workspace_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "origin" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "progress" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "problem" TEXT,
    "file_path" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL DEFAULT 0,
    "content_hash" TEXT,
    "complete" BOOLEAN NOT NULL DEFAULT true,
    "header" JSONB,
    "coverage" JSONB,
    "damage" JSONB NOT NULL DEFAULT '[]',
    "services" JSONB NOT NULL DEFAULT '[]',
    "time_origin" BIGINT,
    "started_ns" BIGINT,
    "ended_ns" BIGINT,
    "event_count" BIGINT NOT NULL DEFAULT 0,
    "span_count" BIGINT NOT NULL DEFAULT 0,
    "trace_count" BIGINT NOT NULL DEFAULT 0,
    "error_traces" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "capture_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "capture_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspace"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "capture_created_at_idx" ON "capture"("created_at");

-- One partition a capture, made at ingest: loading is a COPY into a table of its own, deleting is a DROP TABLE.
CREATE TABLE "span_block" (
    "capture_id" UUID NOT NULL,
    "block" INTEGER NOT NULL,
    "keys" INTEGER[],
    "body" BYTEA NOT NULL,
    CONSTRAINT "span_block_pkey" PRIMARY KEY ("capture_id", "block")
) PARTITION BY LIST ("capture_id");
CREATE INDEX "span_block_keys_idx" ON "span_block" USING GIN ("keys");

CREATE TABLE "trace" (
    "capture_id" UUID NOT NULL,
    "root_id" TEXT NOT NULL,
    "start_ns" BIGINT NOT NULL,
    "duration_ns" BIGINT NOT NULL,
    "span_count" INTEGER NOT NULL,
    "service" TEXT NOT NULL,
    "protocol" TEXT NOT NULL,
    "method" TEXT,
    "endpoint" TEXT,
    "resource" TEXT,
    "status" TEXT NOT NULL,
    "status_code" TEXT,
    "has_error" BOOLEAN NOT NULL,
    "incomplete" BOOLEAN NOT NULL,
    "services" TEXT[],
    "service_spans" INTEGER[],
    "protocols" TEXT[],
    "search" TEXT NOT NULL,
    CONSTRAINT "trace_pkey" PRIMARY KEY ("capture_id", "root_id")
) PARTITION BY LIST ("capture_id");
CREATE INDEX "trace_capture_id_start_ns_root_id_idx" ON "trace"("capture_id", "start_ns", "root_id");
CREATE INDEX "trace_capture_id_duration_ns_root_id_idx" ON "trace"("capture_id", "duration_ns", "root_id");
CREATE INDEX "trace_capture_id_span_count_root_id_idx" ON "trace"("capture_id", "span_count", "root_id");

CREATE TABLE "upload" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "size_bytes" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "upload_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "tombstone" (
    "key" TEXT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "tombstone_pkey" PRIMARY KEY ("key")
);

-- Until people make others, all captures lie in this one.
INSERT INTO "workspace" ("id", "name") VALUES ('00000000-0000-4000-8000-000000000001', 'Default');
