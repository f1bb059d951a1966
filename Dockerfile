# One image for every part of the system: `docker run tuan org`, `docker run tuan relay`.
FROM node:22-bookworm-slim AS node

FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY deploy/image/requirements.lock deploy/image/
RUN python -m venv /opt/tuan \
    && /opt/tuan/bin/pip install --no-cache-dir --require-hashes -r deploy/image/requirements.lock
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
COPY shared shared
COPY services services
COPY deploy deploy
RUN /opt/tuan/bin/python -m services.web.build_assets \
    && rm -rf services/web/assets/node_modules \
    && /opt/tuan/bin/python -m compileall -q shared services deploy

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 tuan \
    && useradd --uid 10001 --gid tuan --no-create-home --shell /usr/sbin/nologin tuan
COPY --from=build /opt/tuan /opt/tuan
COPY --from=build /app /app
COPY deploy/image/tuan /usr/local/bin/tuan
# What is not told otherwise is production. Addresses and secrets come from outside: TUAN_SECRETS_DIR is a place (DL3064).
# hadolint ignore=DL3064
ENV PATH=/opt/tuan/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    TUAN_HOST=0.0.0.0 \
    TUAN_TLS_DIR=/run/tuan/tls \
    TUAN_SECRETS_DIR=/run/tuan/keys
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["tuan", "run"]
