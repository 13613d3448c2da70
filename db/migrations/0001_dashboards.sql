CREATE TABLE "build_maps" (
	"build_id" integer PRIMARY KEY NOT NULL,
	"map" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "token_set_vocabularies" (
	"token_set_id" integer PRIMARY KEY NOT NULL,
	"pieces" "bytea" NOT NULL,
	"ends" integer[] NOT NULL
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
ALTER TABLE "token_set_vocabularies" ADD CONSTRAINT "token_set_vocabularies_token_set_id_token_sets_id_fk" FOREIGN KEY ("token_set_id") REFERENCES "public"."token_sets"("id") ON DELETE cascade ON UPDATE no action;