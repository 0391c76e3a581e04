# One image a program: the eight services, the simulator, and the one-shot that prepares the database.
#   docker build --build-arg PROGRAM=risk-manager --build-arg PORT=7004 .
#   docker build --target simulator . ; docker build --target migrate . ; docker build --target render .
# Each holds Node, one bundled file with its source map, and the configuration folder: no node_modules, no shell scripts.

FROM node:24.21.0-bookworm-slim AS packages
# pnpm by its lockfile, hashes and all; the Node beside it there is for machines without one.
WORKDIR /toolchain
COPY scripts/toolchain/package.json scripts/toolchain/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
    && ln -s /toolchain/node_modules/@pnpm/exe.linux-*/pnpm /usr/local/bin/pnpm
WORKDIR /checkout
# The lockfile alone, so that a change of the code does not fetch the packages again.
COPY pnpm-lock.yaml pnpm-workspace.yaml ./
RUN --mount=type=cache,target=/pnpm-store CI=1 pnpm fetch --store-dir /pnpm-store --ignore-scripts
COPY package.json ./
COPY packages packages
COPY services services
RUN --mount=type=cache,target=/pnpm-store \
    CI=1 pnpm install --store-dir /pnpm-store --frozen-lockfile --offline --ignore-scripts
COPY config config
COPY scripts scripts

FROM packages AS bundle
ARG PROGRAM
RUN test -n "$PROGRAM" || { echo 'name the program: --build-arg PROGRAM=risk-manager' >&2; exit 1; }
RUN node scripts/bundle.ts --out /bundles "$PROGRAM" && mv "/bundles/$PROGRAM" /app

FROM packages AS bundle-simulator
RUN node scripts/bundle.ts --out /bundles exchange-simulator && mv /bundles/exchange-simulator /app && mkdir /journal

FROM packages AS bundle-migrate
RUN node scripts/bundle.ts --out /bundles migrate && mv /bundles/migrate /app

FROM packages AS bundle-render
# Folders that new volumes take their owner from; acme is for Traefik alone.
RUN node scripts/bundle.ts --out /bundles render && mv /bundles/render /app \
    && mkdir -p /out/traefik-dynamic /out/oauth2-proxy-config /out/grafana-config /out/prometheus-web /out/alertmanager-config \
    && chown -R 1000:1000 /out && mkdir -m 0700 /out/acme && chown 65532:65532 /out/acme

FROM node:24.21.0-bookworm-slim AS runtime
ENV NODE_ENV=production
WORKDIR /app
# Of the image's user node; by number, so that a check without its passwd file can see that it is not root.
USER 1000:1000
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--enable-source-maps", "main.js"]

FROM runtime AS migrate
COPY --from=bundle-migrate /app ./

FROM runtime AS render
COPY --from=bundle-render /out /out
COPY --from=bundle-render /app ./

FROM runtime AS listening
ENV HOST=0.0.0.0
HEALTHCHECK --interval=10s --timeout=10s --start-period=30s --retries=3 CMD ["node", "healthcheck.js", "/health"]

FROM listening AS simulator
ENV PORT=7100 SIMULATOR_JOURNAL=/journal
EXPOSE 7100
COPY --from=bundle-simulator --chown=1000:1000 /journal /journal
COPY --from=bundle-simulator /app ./

FROM listening AS service
ARG PORT=7000
ENV PORT=$PORT
EXPOSE $PORT
COPY --from=bundle /app ./
