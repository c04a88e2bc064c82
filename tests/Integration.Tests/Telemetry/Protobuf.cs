using System.Text;

namespace Integration.Tests.Telemetry;

/// <summary>The part of protobuf that is needed to read the messages of OpenTelemetry's exporter.</summary>
internal static class Protobuf
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Bytes = 2;
    private const int Fixed32 = 5;

    /// <summary>The texts at a path of field numbers. Each field is inside the previous one.</summary>
    public static IEnumerable<string> Texts(byte[] message, params int[] path) => Find(message, path).Select(Encoding.UTF8.GetString);

    public static IEnumerable<byte[]> Find(byte[] message, params int[] path) =>
        path.Aggregate((IEnumerable<byte[]>)[message], (found, field) => found.SelectMany(inner => Fields(inner, field)));

    private static List<byte[]> Fields(byte[] message, int wanted)
    {
        var found = new List<byte[]>();
        var at = 0;
        while (at < message.Length)
        {
            var tag = ReadVarint(message, ref at);
            var length = (int)(tag & 7) switch
            {
                Varint => SkipVarint(message, ref at),
                Fixed64 => sizeof(long),
                Fixed32 => sizeof(int),
                Bytes => (int)ReadVarint(message, ref at),
                var other => throw new InvalidDataException($"wire type {other}"),
            };
            if (tag >> 3 == (ulong)wanted)
            {
                found.Add(message[at..(at + length)]);
            }

            at += length;
        }

        return found;
    }

    private static int SkipVarint(byte[] message, ref int at)
    {
        ReadVarint(message, ref at);
        return 0;
    }

    private static ulong ReadVarint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
