# Debian, not Alpine: Temporal's native library is built for glibc only.
FROM node:20.19-bookworm-slim AS build
WORKDIR /segue
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --loglevel=error
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY workers workers
RUN npm run build && npm prune --omit=dev --loglevel=error

FROM node:20.19-bookworm-slim
WORKDIR /segue
ENV NODE_ENV=production
COPY --from=build /segue/node_modules node_modules
COPY --from=build /segue/dist dist
COPY src/cli/segue.mjs src/cli/segue.mjs
COPY package.json ./
COPY schemas schemas
COPY src/store/migrations src/store/migrations
USER node
ENTRYPOINT ["node", "--enable-source-maps", "src/cli/segue.mjs"]
CMD ["--help"]
