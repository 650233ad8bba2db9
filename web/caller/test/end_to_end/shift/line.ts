// A desk's line to the hub, on loopback, that a test cuts and mends as a network does.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Line {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  static async to(hub: string): Promise<Line> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const line = new Line(server, (server.address() as AddressInfo).port);
    server.on("connection", (desk) => line.join(desk, Number(new URL(hub).port)));
    return line;
  }

  /** A link of the hub, by way of this line. */
  link(link: string): string {
    const url = new URL(link);
    url.port = String(this.port);
    return url.href;
  }

  /** Breaks what is on its way, and lets nothing pass any more. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, "close");
  }

  private join(desk: Socket, port: number): void {
    if (this.isCut) {
      desk.destroy();
      return;
    }
    const hub = connect(port, "127.0.0.1");
    for (const [from, to] of [
      [desk, hub],
      [hub, desk],
    ] as const) {
      this.sockets.add(from);
      from.pipe(to);
      // Whichever end goes takes the other along.
      from.on("error", () => to.destroy());
      from.on("close", () => {
        to.destroy();
        this.sockets.delete(from);
      });
    }
  }
}
