using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddNetworkProtocolServer();
builder.Services.AddSingleton(TimeProvider.System);

var app = builder.Build();
app.MapCommand("UPPER", (context, _) => ValueTask.FromResult<Message?>(context.Reply(context.Text.ToUpperInvariant())));
app.MapCommand("GREET", (string name, TimeProvider time) => $"Good day, {name}, it is {time.GetUtcNow():t}");
app.MapCommand<TimeHandler>("TIME");
app.MapGet("/", () => "The program's own HTTP endpoints are untouched.");
app.Run();

internal sealed class TimeHandler(TimeProvider time) : ICommandHandler
{
    public ValueTask<Message?> HandleAsync(CommandContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Message?>(context.Reply(time.GetUtcNow().ToString("O")));
}
