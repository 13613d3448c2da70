CREATE TABLE "build_maps" (
	"build_id" integer PRIMARY KEY NOT NULL,
	"map" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "token_set_vocabularies" (
	"token_set_id" integer PRIMARY KEY NOT NULL,
	"base" integer NOT NULL,
	"pieces" "bytea" NOT NULL,
	"ends" integer[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "import_files" (
	"import_id" integer NOT NULL,
	"file" text NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"records" integer NOT NULL,
	"problems" integer NOT NULL,
	CONSTRAINT "import_files_import_id_file_pk" PRIMARY KEY("import_id","file")
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"id" serial PRIMARY KEY NOT NULL,
	"location" text NOT NULL,
	"layout" text NOT NULL,
	"build_id" integer NOT NULL,
	"token_set_id" integer NOT NULL,
	"spelling" text,
	"problems" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "builds" ALTER COLUMN "architecture" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "builds" ALTER COLUMN "hook_point" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "builds" ALTER COLUMN "contract" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "models" ALTER COLUMN "architecture" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "models" ALTER COLUMN "layers" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "models" ALTER COLUMN "d_model" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "models" ALTER COLUMN "vocabulary_size" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "models" ALTER COLUMN "context_size" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "builds" ADD COLUMN "provenance" jsonb;--> statement-breakpoint
ALTER TABLE "features" ADD COLUMN "details" "bytea";--> statement-breakpoint
ALTER TABLE "build_maps" ADD CONSTRAINT "build_maps_build_id_builds_id_fk" FOREIGN KEY ("build_id") REFERENCES "public"."builds"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "token_set_vocabularies" ADD CONSTRAINT "token_set_vocabularies_token_set_id_token_sets_id_fk" FOREIGN KEY ("token_set_id") REFERENCES "public"."token_sets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_files" ADD CONSTRAINT "import_files_import_id_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "public"."imports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_build_id_builds_id_fk" FOREIGN KEY ("build_id") REFERENCES "public"."builds"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_token_set_id_token_sets_id_fk" FOREIGN KEY ("token_set_id") REFERENCES "public"."token_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "imports_build" ON "imports" USING btree ("build_id");