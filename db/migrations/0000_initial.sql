-- Made by drizzle-kit, then edited: features and feature_examples are split by hash of build_id into 32 partitions,
-- a number that stays however many sources there are (a partition per source makes plans over all of them slow).
CREATE TABLE "builds" (
	"id" serial PRIMARY KEY NOT NULL,
	"model_id" text NOT NULL,
	"source_id" text NOT NULL,
	"run_id" text,
	"architecture" text NOT NULL,
	"d_sae" integer NOT NULL,
	"hook_point" text NOT NULL,
	"contract" jsonb NOT NULL,
	"evaluation" jsonb,
	"token_set_id" integer NOT NULL,
	"tokens" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"published_at" timestamp with time zone,
	"superseded_at" timestamp with time zone,
	"feature_count" integer,
	"live_feature_count" integer
);
--> statement-breakpoint
CREATE TABLE "contexts" (
	"token_set_id" integer NOT NULL,
	"position" integer NOT NULL,
	"tokens" "bytea" NOT NULL,
	CONSTRAINT "contexts_token_set_id_position_pk" PRIMARY KEY("token_set_id","position")
);
--> statement-breakpoint
CREATE TABLE "data_sets" (
	"id" text PRIMARY KEY NOT NULL,
	"display_name" text NOT NULL,
	"origin" text,
	"licence" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "feature_examples" (
	"build_id" integer NOT NULL,
	"index" integer NOT NULL,
	"examples" "bytea" NOT NULL,
	CONSTRAINT "feature_examples_build_id_index_pk" PRIMARY KEY("build_id","index")
) PARTITION BY HASH ("build_id");
--> statement-breakpoint
DO $$ BEGIN
	FOR remainder IN 0..31 LOOP
		EXECUTE format('CREATE TABLE feature_examples_%s PARTITION OF feature_examples FOR VALUES WITH (MODULUS 32, REMAINDER %s)', remainder, remainder);
	END LOOP;
END $$;
--> statement-breakpoint
CREATE TABLE "features" (
	"build_id" integer NOT NULL,
	"index" integer NOT NULL,
	"firings" bigint NOT NULL,
	"density" real NOT NULL,
	"maximum" real NOT NULL,
	"mean" real NOT NULL,
	"score" real NOT NULL,
	"histogram" "bytea" NOT NULL,
	"top_logits" "bytea" NOT NULL,
	"bottom_logits" "bytea" NOT NULL,
	"top_tokens" "bytea" NOT NULL,
	CONSTRAINT "features_build_id_index_pk" PRIMARY KEY("build_id","index")
) PARTITION BY HASH ("build_id");
--> statement-breakpoint
DO $$ BEGIN
	FOR remainder IN 0..31 LOOP
		EXECUTE format('CREATE TABLE features_%s PARTITION OF features FOR VALUES WITH (MODULUS 32, REMAINDER %s)', remainder, remainder);
	END LOOP;
END $$;
--> statement-breakpoint
CREATE TABLE "models" (
	"id" text PRIMARY KEY NOT NULL,
	"display_name" text NOT NULL,
	"architecture" text NOT NULL,
	"layers" integer NOT NULL,
	"d_model" integer NOT NULL,
	"vocabulary_size" integer NOT NULL,
	"context_size" integer NOT NULL,
	"origin" text,
	"licence" text,
	"hook_points" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sources" (
	"model_id" text NOT NULL,
	"id" text NOT NULL,
	"current_build_id" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sources_model_id_id_pk" PRIMARY KEY("model_id","id")
);
--> statement-breakpoint
CREATE TABLE "steering_baselines" (
	"build_id" integer NOT NULL,
	"prompt_index" smallint NOT NULL,
	"prompt" text NOT NULL,
	"continuation" text NOT NULL,
	CONSTRAINT "steering_baselines_build_id_prompt_index_pk" PRIMARY KEY("build_id","prompt_index")
);
--> statement-breakpoint
CREATE TABLE "steering_previews" (
	"build_id" integer NOT NULL,
	"index" integer NOT NULL,
	"previews" jsonb NOT NULL,
	CONSTRAINT "steering_previews_build_id_index_pk" PRIMARY KEY("build_id","index")
);
--> statement-breakpoint
CREATE TABLE "token_sets" (
	"id" serial PRIMARY KEY NOT NULL,
	"data_set_id" text NOT NULL,
	"model_id" text NOT NULL,
	"context_size" integer NOT NULL,
	"context_count" integer NOT NULL,
	"digest" text NOT NULL,
	CONSTRAINT "token_sets_key" UNIQUE("data_set_id","model_id","context_size","digest")
);
--> statement-breakpoint
CREATE TABLE "vocabularies" (
	"model_id" text PRIMARY KEY NOT NULL,
	"pieces" "bytea" NOT NULL,
	"ends" integer[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "accounts" (
	"user_id" text NOT NULL,
	"type" text NOT NULL,
	"provider" text NOT NULL,
	"provider_account_id" text NOT NULL,
	"refresh_token" text,
	"access_token" text,
	"expires_at" integer,
	"token_type" text,
	"scope" text,
	"id_token" text,
	"session_state" text,
	CONSTRAINT "accounts_provider_provider_account_id_pk" PRIMARY KEY("provider","provider_account_id")
);
--> statement-breakpoint
CREATE TABLE "admin_claims" (
	"token_hash" text PRIMARY KEY NOT NULL,
	"used_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "label_votes" (
	"label_id" text NOT NULL,
	"user_id" text NOT NULL,
	"value" smallint NOT NULL,
	CONSTRAINT "label_votes_label_id_user_id_pk" PRIMARY KEY("label_id","user_id"),
	CONSTRAINT "label_votes_value" CHECK ("label_votes"."value" in (-1, 1))
);
--> statement-breakpoint
CREATE TABLE "labels" (
	"id" text PRIMARY KEY NOT NULL,
	"model_id" text NOT NULL,
	"source_id" text NOT NULL,
	"index" integer NOT NULL,
	"text" text NOT NULL,
	"author_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"hidden" boolean DEFAULT false NOT NULL,
	"upvotes" integer DEFAULT 0 NOT NULL,
	"downvotes" integer DEFAULT 0 NOT NULL,
	"rank" real DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "passwords" (
	"user_id" text PRIMARY KEY NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"session_token" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"expires" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text,
	"email" text,
	"email_verified" timestamp with time zone,
	"image" text,
	"role" text DEFAULT 'member' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "verification_tokens" (
	"identifier" text NOT NULL,
	"token" text NOT NULL,
	"expires" timestamp with time zone NOT NULL,
	CONSTRAINT "verification_tokens_identifier_token_pk" PRIMARY KEY("identifier","token")
);
--> statement-breakpoint
CREATE TABLE "run_checkpoints" (
	"run_id" text PRIMARY KEY NOT NULL,
	"step" integer NOT NULL,
	"files" jsonb NOT NULL,
	"saved_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "run_metrics" (
	"run_id" text NOT NULL,
	"step" integer NOT NULL,
	"metrics" jsonb NOT NULL,
	CONSTRAINT "run_metrics_run_id_step_pk" PRIMARY KEY("run_id","step")
);
--> statement-breakpoint
CREATE TABLE "run_stages" (
	"run_id" text NOT NULL,
	"stage" text NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"fence" integer DEFAULT 0 NOT NULL,
	"worker" text,
	"done" bigint DEFAULT 0 NOT NULL,
	"total" bigint,
	"unit" text,
	"started_at" timestamp with time zone,
	"heartbeat_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "run_stages_run_id_stage_pk" PRIMARY KEY("run_id","stage")
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"id" text PRIMARY KEY NOT NULL,
	"request" jsonb NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"cancel_requested" boolean DEFAULT false NOT NULL,
	"result" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"error" text,
	"created_by" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "search_documents" (
	"model_id" text NOT NULL,
	"source_id" text NOT NULL,
	"index" integer NOT NULL,
	"labels" text[] NOT NULL,
	"label_words" text[] NOT NULL,
	"top_tokens" text[] NOT NULL,
	"top_logits" text[] NOT NULL,
	"density" real NOT NULL,
	"score" real NOT NULL,
	CONSTRAINT "search_documents_model_id_source_id_index_pk" PRIMARY KEY("model_id","source_id","index")
);
--> statement-breakpoint
CREATE TABLE "search_words" (
	"word" text PRIMARY KEY NOT NULL,
	"folded" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "builds" ADD CONSTRAINT "builds_token_set_id_token_sets_id_fk" FOREIGN KEY ("token_set_id") REFERENCES "public"."token_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "builds" ADD CONSTRAINT "builds_model_id_source_id_sources_model_id_id_fk" FOREIGN KEY ("model_id","source_id") REFERENCES "public"."sources"("model_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contexts" ADD CONSTRAINT "contexts_token_set_id_token_sets_id_fk" FOREIGN KEY ("token_set_id") REFERENCES "public"."token_sets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sources" ADD CONSTRAINT "sources_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "steering_baselines" ADD CONSTRAINT "steering_baselines_build_id_builds_id_fk" FOREIGN KEY ("build_id") REFERENCES "public"."builds"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "steering_previews" ADD CONSTRAINT "steering_previews_build_id_builds_id_fk" FOREIGN KEY ("build_id") REFERENCES "public"."builds"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "token_sets" ADD CONSTRAINT "token_sets_data_set_id_data_sets_id_fk" FOREIGN KEY ("data_set_id") REFERENCES "public"."data_sets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "token_sets" ADD CONSTRAINT "token_sets_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vocabularies" ADD CONSTRAINT "vocabularies_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "label_votes" ADD CONSTRAINT "label_votes_label_id_labels_id_fk" FOREIGN KEY ("label_id") REFERENCES "public"."labels"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "label_votes" ADD CONSTRAINT "label_votes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labels" ADD CONSTRAINT "labels_author_id_users_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "passwords" ADD CONSTRAINT "passwords_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_checkpoints" ADD CONSTRAINT "run_checkpoints_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_metrics" ADD CONSTRAINT "run_metrics_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_stages" ADD CONSTRAINT "run_stages_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "builds_source" ON "builds" USING btree ("model_id","source_id");--> statement-breakpoint
CREATE INDEX "builds_run" ON "builds" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "features_by_score" ON "features" USING btree ("build_id","score" DESC NULLS FIRST,"index");--> statement-breakpoint
CREATE INDEX "features_by_density" ON "features" USING btree ("build_id","density" DESC NULLS FIRST,"index");--> statement-breakpoint
CREATE INDEX "features_by_maximum" ON "features" USING btree ("build_id","maximum" DESC NULLS FIRST,"index");--> statement-breakpoint
CREATE INDEX "labels_feature" ON "labels" USING btree ("model_id","source_id","index");--> statement-breakpoint
CREATE INDEX "runs_created" ON "runs" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "search_documents_label_words" ON "search_documents" USING gin ("label_words") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "search_documents_top_tokens" ON "search_documents" USING gin ("top_tokens") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "search_documents_top_logits" ON "search_documents" USING gin ("top_logits") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "search_words_folded" ON "search_words" USING btree ("folded" text_pattern_ops);--> statement-breakpoint
CREATE INDEX "search_words_similar" ON "search_words" USING gin ("folded" gin_trgm_ops) WITH (fastupdate=false);