using System.Buffers.Binary;
using NetworkProtocol.Messages;

namespace Integration.Tests.Connections;

/// <summary>Requests of all kinds. Each payload begins with the request's number, so that no two answers are the same.</summary>
internal static class Traffic
{
    private const int Most = 1000;
    private const int MostWithoutCommands = 20_000; // one read returns many
    private const int MostBytes = 200_000;
    private const int SizedBytes = 200;

    private static readonly string[] Commands =
        [.. Enumerable.Repeat(Handlers.Now, 200), .. Enumerable.Repeat(Handlers.Await, 30), .. Enumerable.Repeat(Handlers.Throw, 6),
        .. Enumerable.Repeat(Handlers.Block, 6), .. Enumerable.Repeat(Handlers.Silent, 6), Handlers.Ignore];

    /// <summary>The last request always gets an answer, so its answer shows that all requests are answered.</summary>
    public static Asked[] Create(Random random)
    {
        var commands = random.Next(2) == 0 ? 0 : random.Next(1, 20); // of 100
        var count = random.Next(1, commands == 0 ? MostWithoutCommands : Most);
        return [.. Enumerable.Range(1, count).Select(number => number == count ? Ping() : Next(random, number, commands))];
    }

    private static Asked Next(Random random, int number, int commands) => random.Next(100) is var kind && kind < commands
        ? Command(random, number)
        : (kind % 3) switch
        {
            0 => Ping(),
            1 => Same(new Message.Echo($"{number}")),
            _ => random.Next(10) == 0 ? Unknown(number) : Same(new Message.Echo($"{number} {new string('x', random.Next(SizedBytes))}")),
        };

    private static Asked Ping() => new(Message.Ping.Instance, Message.Pong.Instance);

    private static Asked Same(Message message) => new(message, message);

    private static Asked Unknown(int number) =>
        new(new Message.Custom($"NO{number}", default), Message.Custom.Error($"Unknown command: NO{number}"));

    private static Asked Command(Random random, int number)
    {
        var command = random.GetItems(Commands, 1)[0];
        var payload = new byte[random.Next(20) == 0 ? random.Next(sizeof(int), MostBytes) : sizeof(int)];
        random.NextBytes(payload);
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        var request = new Message.Custom(command, payload);
        return new(request, command switch
        {
            Handlers.Throw => Message.Custom.Error($"Command {command} failed"),
            Handlers.Silent => null,
            _ => request,
        });
    }
}
