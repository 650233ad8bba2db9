// A proxy on loopback that writes down every byte between a caller and a hub, as an observer of the wire would.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

/** One request and its answer, by form alone. */
export interface Seen {
  request: string;
  requestHeaders: string[];
  requestBytes: number;
  status: string;
  answerHeaders: string[];
  answerBytes: number;
}

interface Message {
  firstLine: string;
  headers: string[];
  bodyBytes: number;
  at: number;
}

export class RecordingProxy {
  private readonly sockets = new Set<Socket>();
  private readonly connections: { up: Message[]; down: Message[] }[] = [];
  private clock = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async before(hub: string): Promise<RecordingProxy> {
    const target = new URL(hub);
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new RecordingProxy(server, (server.address() as AddressInfo).port);
    server.on("connection", (caller) => proxy.forward(caller, Number(target.port)));
    return proxy;
  }

  /** A link of the hub, by way of this proxy. */
  link(link: string): string {
    const url = new URL(link);
    url.port = String(this.port);
    return url.href;
  }

  /** All requests that have been answered, in the order in which they were sent. */
  seen(): Seen[] {
    const pairs = this.connections.flatMap(({ up, down }) =>
      up.slice(0, down.length).map((request, n) => ({ request, answer: down[n] as Message })),
    );
    pairs.sort((a, b) => a.request.at - b.request.at);
    return pairs.map(({ request, answer }) => ({
      request: request.firstLine,
      // The port is the proxy's own.
      requestHeaders: request.headers.map((line) => line.replaceAll(String(this.port), "PORT")),
      requestBytes: request.bodyBytes,
      status: answer.firstLine,
      answerHeaders: answer.headers,
      answerBytes: answer.bodyBytes,
    }));
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }

  private forward(caller: Socket, port: number): void {
    const hub = connect(port, "127.0.0.1");
    const connection = { up: [] as Message[], down: [] as Message[] };
    this.connections.push(connection);
    const pipe = (from: Socket, to: Socket, messages: Message[]) => {
      this.sockets.add(from);
      const parser = new MessageParser(() => this.clock++, messages);
      from.on("data", (chunk) => {
        parser.push(chunk as Buffer);
        to.write(chunk);
      });
      from.on("close", () => to.destroy());
      from.on("error", () => to.destroy());
    };
    pipe(caller, hub, connection.up);
    pipe(hub, caller, connection.down);
  }
}

/** Cuts a stream of HTTP/1.1 into messages with a content-length, or none. */
class MessageParser {
  private rest = Buffer.alloc(0);

  constructor(
    private readonly tick: () => number,
    private readonly messages: Message[],
  ) {}

  push(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const end = this.rest.indexOf("\r\n\r\n");
      if (end < 0) return;
      const [firstLine = "", ...headers] = this.rest.subarray(0, end).toString("latin1").split("\r\n");
      const length = headers.map((line) => /^content-length: (\d+)$/i.exec(line)?.[1]).find(Boolean);
      const bodyBytes = Number(length ?? 0);
      if (this.rest.length < end + 4 + bodyBytes) return;
      this.messages.push({ firstLine, headers, bodyBytes, at: this.tick() });
      this.rest = this.rest.subarray(end + 4 + bodyBytes);
    }
  }
}
