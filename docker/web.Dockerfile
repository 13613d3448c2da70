FROM node:22-bookworm-slim
WORKDIR /app
COPY . .
RUN docker/install.sh
RUN docker/build-web.sh
RUN mkdir -p /data && chown -R node /data apps/web/.next
USER node
EXPOSE 3000
CMD ["docker/start-web.sh"]
