FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-fund --no-audit
COPY . .
RUN npm run build && node scripts/supply-chain.mjs && npm prune --omit=dev

FROM node:20-bookworm-slim
ENV NODE_ENV=production CROCEVIA_HOST=0.0.0.0 CROCEVIA_DATA_DIR=/data
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/schemas ./schemas
COPY --from=build /app/examples ./examples
COPY --from=build /app/package.json /app/.cache/sbom.cdx.json ./
RUN mkdir /data && chown node /data
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=64", "dist/main.js"]
