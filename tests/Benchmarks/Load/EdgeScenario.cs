using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Benchmarks.Clients;
using Benchmarks.Consoles;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;
using NetworkProtocol.Packets;

namespace Benchmarks.Load;

/// <summary>
/// Acknowledged messages a second of sensors that wait for each answer: an edge by MQTT and by PUBLISH on its Unix socket, beside mosquitto
/// and NATS JetStream. All sensors are the same loop over a socket with bytes that are ready. The servers take turns.
/// </summary>
internal static class EdgeScenario
{
    private const int Rounds = 3;
    private const string Value = "21.537";
    private const string Topic = "plant/line1/temperature";

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(3);

    public static async Task RunAsync()
    {
        var data = Directory.CreateTempSubdirectory("np-intake-");
        try
        {
            await RunAsync(data.FullName);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(string data)
    {
        var port = FreePort();
        var socket = Path.Combine(data, "sensor.sock");
        await using var edge = await ProgramUnderLoad.StartAsync(
            "--NetworkProtocol:Edge:HubAddress=127.0.0.1:1", $"--NetworkProtocol:Edge:LocalSocket={socket}",
            $"--NetworkProtocol:Edge:Path={Path.Combine(data, "edge")}", $"--NetworkProtocol:Edge:Mqtt:Listen=127.0.0.1:{port}",
            "--NetworkProtocol:Edge:Mqtt:MaxClients=1000");
        await using var mosquitto = await ForeignServer.StartAsync("mosquitto", "running", server =>
        {
            var file = Path.Combine(data, "mosquitto.conf");
            Directory.CreateDirectory(Path.Combine(data, "mosquitto"));
            File.WriteAllText(file, $"""
                listener {server.Tcp.Port} 127.0.0.1
                allow_anonymous true
                user root
                persistence true
                persistence_location {data}/mosquitto/
                autosave_on_changes true
                autosave_interval 1
                max_queued_messages 0

                """);
            return ["-c", file];
        });
        await using var nats = await ForeignServer.StartAsync(
            "nats-server",
            "Server is ready",
            server => ["-a", "127.0.0.1", "-p", $"{server.Tcp.Port}", "-js", "-sd", Path.Combine(data, "nats")]);
        var servers = new List<(string Name, EndPoint EndPoint, Func<Socket, int, Task> Open, byte[] Message, Func<Wire, Task> Answer)>
        {
            ("edge, MQTT", new IPEndPoint(IPAddress.Loopback, port), OpenMqttAsync, Mqtt(1), wire => wire.SkipAsync(4)),
            ("edge, Unix socket", new UnixDomainSocketEndPoint(socket), NothingAsync, Packet(), wire => wire.SkipPacketAsync()),
        };
        if (mosquitto is not null)
        {
            // A subscriber that is away: without one the broker keeps no message.
            using var subscriber = await ConnectAsync(mosquitto.Tcp);
            await SendAsync(subscriber, [0x10, 16, 0, 4, .. "MQTT"u8, 4, 0, 0, 0, 0, 4, .. "away"u8]);
            await SendAsync(subscriber, [0x82, 6, 0, 1, 0, 1, (byte)'#', 1]);
            await new Wire(subscriber).SkipAsync(4 + 5);
            servers.Add(("mosquitto", mosquitto.Tcp, OpenMqttAsync, Mqtt(1), wire => wire.SkipAsync(4)));
        }

        if (nats is not null)
        {
            using var creator = await ConnectAsync(nats.Tcp);
            await OpenNatsAsync(creator, 0);
            var stream = """{"name":"S","subjects":["plant.>"],"storage":"file","max_msgs":10000,"discard":"old"}""";
            await SendAsync(creator, Encoding.ASCII.GetBytes($"PUB $JS.API.STREAM.CREATE.S i0 {stream.Length}\r\n{stream}\r\n"));
            await new Wire(creator).SkipNatsAsync();
            servers.Add(("NATS JetStream", nats.Tcp, OpenNatsAsync, [], wire => wire.SkipNatsAsync()));
        }

        foreach (var sensors in new[] { 1, 16, 256 })
        {
            var figures = servers.ToDictionary(server => server.Name, _ => new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var (name, endPoint, open, message, answer) in servers)
                {
                    figures[name].Add(await MeasureAsync(sensors, endPoint, open, message, answer));
                }
            }

            foreach (var (name, rates) in figures)
            {
                var median = rates.Order().ElementAt(Rounds / 2);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{sensors} sensors, {name}: {median:N0} acknowledged messages/s"));
            }
        }
    }

    private static async Task<double> MeasureAsync(
        int sensors, EndPoint endPoint, Func<Socket, int, Task> open, byte[] message, Func<Wire, Task> answer)
    {
        var sockets = new List<Socket>();
        try
        {
            for (var i = 0; i < sensors; i++)
            {
                sockets.Add(await ConnectAsync(endPoint));
                await open(sockets[i], i);
            }

            var watch = Stopwatch.StartNew();
            var counts = await Task.WhenAll(sockets.Select((socket, number) => Task.Run(async () =>
            {
                var (wire, count) = (new Wire(socket), 0);
                var own = message.Length > 0 ? message : Nats(number);
                for (; watch.Elapsed < Turn; count++)
                {
                    await SendAsync(socket, own);
                    await answer(wire);
                }

                return count;
            })));
            return counts.Sum() / watch.Elapsed.TotalSeconds;
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private static async Task<Socket> ConnectAsync(EndPoint endPoint)
    {
        var socket = endPoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint);
        return socket;
    }

    private static Task NothingAsync(Socket socket, int number) => Task.CompletedTask;

    private static async Task OpenMqttAsync(Socket socket, int number)
    {
        var id = Encoding.ASCII.GetBytes($"sensor{number:0000}");
        await SendAsync(socket, [0x10, (byte)(12 + id.Length), 0, 4, .. "MQTT"u8, 4, 2, 0, 0, 0, (byte)id.Length, .. id]);
        await new Wire(socket).SkipAsync(4);
    }

    private static async Task OpenNatsAsync(Socket socket, int number)
    {
        var greeting = $"CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB i{number} 1\r\nPING\r\n";
        await SendAsync(socket, Encoding.ASCII.GetBytes(greeting));
        var wire = new Wire(socket);
        while (await wire.ReadLineAsync() != "PONG")
        {
        }
    }

    private static byte[] Mqtt(int id)
    {
        byte[] body = [0, (byte)Topic.Length, .. Encoding.ASCII.GetBytes(Topic), 0, (byte)id, .. Encoding.ASCII.GetBytes(Value)];
        return [0x32, (byte)body.Length, .. body];
    }

    private static byte[] Nats(int number) =>
        Encoding.ASCII.GetBytes($"PUB {Topic.Replace('/', '.')} i{number} {Value.Length}\r\n{Value}\r\n");

    private static byte[] Packet()
    {
        var message = new Message.Custom(Publication.Command, Encoding.ASCII.GetBytes($"{Topic} {Value}"));
        var packet = new byte[PacketHeader.Size + MessageEncoder.GetLength(message)];
        PacketHeader.Write(packet, packet.Length - PacketHeader.Size);
        MessageEncoder.Encode(message, packet.AsSpan(PacketHeader.Size));
        return packet;
    }

    private static async Task SendAsync(Socket socket, byte[] bytes)
    {
        if (await socket.SendAsync(bytes) != bytes.Length)
        {
            throw new InvalidOperationException("A short message was sent in parts.");
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Reads answers, whatever pieces they come in.</summary>
    private sealed class Wire(Socket socket)
    {
        private readonly byte[] _bytes = new byte[4096];
        private int _start;
        private int _end;

        public async Task SkipAsync(int count)
        {
            await FillAsync(count);
            _start += count;
        }

        public async Task SkipPacketAsync()
        {
            await FillAsync(PacketHeader.Size);
            await SkipAsync(PacketHeader.Size + _bytes[_start + PacketHeader.Size - 1]);
        }

        public async Task SkipNatsAsync()
        {
            var line = await ReadLineAsync();
            while (line == "PING") // comes once, and may stay without an answer for two minutes
            {
                line = await ReadLineAsync();
            }

            if (!line.StartsWith("MSG ", StringComparison.Ordinal))
            {
                throw new InvalidOperationException(line);
            }

            await SkipAsync(int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture) + 2);
        }

        public async Task<string> ReadLineAsync()
        {
            for (var length = 1; ; length++)
            {
                await FillAsync(length);
                if (_bytes[_start + length - 1] == '\n')
                {
                    var line = Encoding.ASCII.GetString(_bytes, _start, length).TrimEnd();
                    _start += length;
                    return line;
                }
            }
        }

        private async Task FillAsync(int count)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, 0);
            }
            else if (_start + count > _bytes.Length)
            {
                _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
                (_start, _end) = (0, _end - _start);
            }

            while (_end - _start < count)
            {
                var more = await socket.ReceiveAsync(_bytes.AsMemory(_end));
                _end += more > 0 ? more : throw new InvalidOperationException("The server has closed the connection.");
            }
        }
    }
}
