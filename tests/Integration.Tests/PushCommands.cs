using Microsoft.AspNetCore.Builder;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;

namespace Integration.Tests;

/// <summary>
/// A server's commands with which clients join and leave groups or ask for messages. BLOCK and WAIT run until the gate opens.
/// </summary>
internal sealed class PushCommands
{
    public TaskCompletionSource Gate { get; private set; } = new();

    public void CloseGate() => Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TestServer> StartAsync(string localSocket = "", TimeProvider? time = null) =>
        TestServer.StartAsync(new() { ["LocalSocket"] = localSocket }, Map, time);

    public void Map(WebApplication app)
    {
        app.MapCommand("JOIN", async (string room, CommandContext context) =>
        {
            await context.Groups.AddAsync(room);
            return "joined";
        });
        app.MapCommand("LEAVE", async (string room, CommandContext context) =>
        {
            await context.Groups.RemoveAsync(room);
            return "left";
        });
        app.MapCommand("ASK", (CommandContext context) =>
        {
            context.AcceptPush();
            return "asked";
        });
        app.MapCommand("BLOCK", () =>
        {
            Gate.Task.Wait();
            return "done";
        });
        app.MapCommand("WAIT", async () =>
        {
            await Gate.Task;
            return "done";
        });
        app.MapCommand("OPEN", () =>
        {
            Gate.TrySetResult();
            return "opened";
        });
    }
}
