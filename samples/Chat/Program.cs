using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Push;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddNetworkProtocolServer();

var app = builder.Build();
app.MapCommand("JOIN", async (string room, CommandContext context, CancellationToken cancellationToken) =>
{
    await context.Groups.AddAsync(room, cancellationToken);
    return $"You are in {room}.";
});
app.MapCommand("LEAVE", async (string room, CommandContext context, CancellationToken cancellationToken) =>
{
    await context.Groups.RemoveAsync(room, cancellationToken);
    return $"You have left {room}.";
});

// Everyone in the room gets the words, also the sender. The answer says how many clients got them.
app.MapCommand("SAY", async (Words words, Connection connection, IClients clients, CancellationToken cancellationToken) =>
    await clients.Group(words.Room).SendAsync("SAID", $"{connection.Id}: {words.Text}", cancellationToken: cancellationToken));
app.Run();

internal sealed record Words(string Room, string Text);
