# One image, every role:
#   docker run IMAGE                       the web server, which needs SECRET_KEY
#   docker run IMAGE worker | beat         Celery's worker and its clock
#   docker run IMAGE create_db [-g URL]    any management command: ingest, train, prepare, backup …
# The root file system may be read-only: everything is written to /data and /tmp.

FROM python:3.11-slim-bookworm AS packages
COPY requirements.txt .
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt \
    && /opt/venv/bin/pip uninstall --yes pip

FROM python:3.11-slim-bookworm AS site
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    DATA_DIR=/data \
    STATIC_ROOT=/site/collected
RUN useradd --uid 10001 --no-create-home --home-dir /site --shell /usr/sbin/nologin kindred \
    && install --directory --owner=kindred --mode=0700 /data
WORKDIR /site
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY ml ml
COPY accounts accounts
COPY surveys surveys
COPY privacy privacy
COPY operations operations
COPY conversations conversations
COPY recommendations recommendations
COPY matchsite matchsite
COPY templates templates
COPY static static
RUN python manage.py collectstatic --noinput --verbosity 0
VOLUME /data
ENTRYPOINT ["python", "-m", "matchsite.container"]

# docker build --target test . && docker run …: the whole suite inside the image.
FROM site AS test
COPY requirements.txt requirements-dev.txt ./
RUN python -m ensurepip && python -m pip install --no-cache-dir --disable-pip-version-check -r requirements-dev.txt
COPY . .
RUN chown -R kindred /site
USER kindred
CMD ["python", "-m", "pytest", "-m", "not journey and not long"]

FROM site AS web
USER kindred
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s CMD ["python", "-m", "matchsite.container", "healthcheck"]
CMD ["web"]
