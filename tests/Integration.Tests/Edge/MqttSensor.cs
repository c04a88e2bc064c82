using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Integration.Tests.Edge;

/// <summary>A client of MQTT that sends exactly the bytes that a test wants, well formed or not.</summary>
internal sealed class MqttSensor : IDisposable
{
    public const byte PubAck = 0x40;
    public const byte Disconnect = 0xE0;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    private MqttSensor(int version) => Version = version;

    public int Version { get; }

    /// <summary>Opens a connection, and sends nothing.</summary>
    public static async Task<MqttSensor> OpenAsync(IPEndPoint endPoint, int version = 5)
    {
        var sensor = new MqttSensor(version);
        await sensor._socket.ConnectAsync(endPoint);
        return sensor;
    }

    /// <summary>Opens a connection, sends CONNECT and reads CONNACK.</summary>
    public static async Task<MqttSensor> ConnectAsync(IPEndPoint endPoint, int version = 5, string id = "", int keepAlive = 0)
    {
        var sensor = await OpenAsync(endPoint, version);
        await sensor.SendAsync(Connect(version, id, keepAlive: keepAlive));
        var answer = await sensor.ReadAsync();
        Assert.Equal([0, 0], answer!.AsSpan(1, 2).ToArray());
        return sensor;
    }

    /// <param name="version">4 for MQTT 3.1.1, or 5.</param>
    /// <param name="id">The client identifier.</param>
    /// <param name="flags">The flags: 2 is clean session.</param>
    /// <param name="keepAlive">Seconds.</param>
    /// <param name="more">What follows the client identifier.</param>
    /// <param name="properties">Properties of MQTT 5.</param>
    public static byte[] Connect(
        int version, string id = "", byte flags = 2, int keepAlive = 0, byte[]? more = null, byte[]? properties = null) => Packet(
        0x10,
        [
            .. Text("MQTT"), (byte)version, flags, .. Number(keepAlive),
            .. version == 5 ? Properties(properties) : [], .. Text(id), .. more ?? [],
        ]);

    public byte[] Publish(int id, string topic, string value, byte flags = 2, byte[]? properties = null) => Packet(
        (byte)(0x30 | flags),
        [
            .. Text(topic), .. id > 0 ? Number(id) : [], .. Version == 5 ? Properties(properties) : [], .. Encoding.UTF8.GetBytes(value),
        ]);

    public byte[] Subscribe(string filter) => Packet(0x82, [.. Number(7), .. Version == 5 ? Properties(null) : [], .. Text(filter), 1]);

    public static byte[] Packet(byte header, byte[] body)
    {
        var length = new List<byte>();
        var left = body.Length;
        do
        {
            length.Add((byte)((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
            left >>= 7;
        }
        while (left > 0);
        return [header, .. length, .. body];
    }

    public static byte[] Text(string text) => Binary(Encoding.UTF8.GetBytes(text));

    public static byte[] Binary(byte[] bytes) => [.. Number(bytes.Length), .. bytes];

    public static byte[] Number(int number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)number);
        return bytes;
    }

    public async Task SendAsync(params byte[][] packets)
    {
        byte[] bytes = [.. packets.SelectMany(packet => packet)];
        using var deadline = new CancellationTokenSource(Patience);
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await _socket.SendAsync(bytes.AsMemory(sent), deadline.Token);
        }
    }

    /// <summary>The client sends no more, and reads on.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>A packet: its header byte, then its body. Null: the connection has ended.</summary>
    public async Task<byte[]?> ReadAsync()
    {
        try
        {
            var head = await ReadAsync(2);
            return head is null ? null : [head[0], .. head[1] == 0 ? [] : (await ReadAsync(head[1]))!];
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public async Task ExpectAsync(byte[] packet) => Assert.Equal(Convert.ToHexString(packet), Convert.ToHexString(await ReadAsync() ?? []));

    /// <summary>All packets until the connection ends.</summary>
    public async Task<List<byte[]>> ReadToEndAsync()
    {
        var packets = new List<byte[]>();
        while (await ReadAsync() is { } packet)
        {
            packets.Add(packet);
        }

        return packets;
    }

    public bool HasAnswer => _socket.Available > 0;

    public void Dispose() => _socket.Dispose();

    private static byte[] Properties(byte[]? properties) => [(byte)(properties?.Length ?? 0), .. properties ?? []];

    private async Task<byte[]?> ReadAsync(int count)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await _socket.ReceiveAsync(bytes.AsMemory(read), deadline.Token);
            if (more == 0)
            {
                return null;
            }

            read += more;
        }

        return bytes;
    }
}
