using System.Buffers;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;

namespace Benchmarks.Load;

/// <summary>Compares commands with Echo on one server: the cost of a handler in each of its forms.</summary>
internal static class CommandScenario
{
    private const int Connections = 64;
    private const int PayloadLength = 64;

    private static readonly string[] Commands = ["BORROW", "NOW", "BOUND", "CLASS", "LATER"];

    public static void Map(WebApplication app)
    {
        app.MapCommand("BORROW", (CommandContext context, ReadOnlySpan<byte> payload, IBufferWriter<byte> answer) =>
        {
            answer.Write(payload);
            return true;
        });
        app.MapCommand("NOW", (context, _) => new(context.Reply(context.Payload)));
        app.MapCommand("BOUND", (ReadOnlyMemory<byte> payload, CommandContext context) => payload);
        app.MapCommand<EchoHandler>("CLASS");
        app.MapCommand("LATER", async (context, _) =>
        {
            await Task.Yield();
            return context.Reply(context.Payload);
        });
    }

    public static async Task RunAsync()
    {
        await using var server = await ServerUnderLoad.StartAsync(ServedProcess.Protocol);
        (string Name, byte[] Bytes)[] requests =
        [
            ("Echo", Scenarios.Echo(PayloadLength)),
            .. Commands.Select(command => (command, Scenarios.Encode(new Message.Custom(command, new byte[PayloadLength])))),
        ];
        foreach (var depth in new[] { 1, 32 })
        {
            Console.WriteLine($"Commands of {PayloadLength} bytes beside Echo, secure handshake, {Connections} connections, depth {depth}");
            await Comparison.RunAsync(
                requests, request => request.Name, Scenarios.Rounds,
                request => Scenarios.ThroughputAsync(server, server.Tcp, secure: true, request.Bytes, Connections, depth));
        }
    }

    private sealed class EchoHandler : ICommandHandler
    {
        public ValueTask<Message?> HandleAsync(CommandContext context, CancellationToken cancellationToken) =>
            new(context.Reply(context.Payload));
    }
}
