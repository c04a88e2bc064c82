using System.CommandLine;
using System.Text;
using NetworkProtocol.Client;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary><c>publish</c>: gives values to an edge, as a sensor does.</summary>
internal sealed class PublishCommand : INetprotoCommand
{
    private const string DefaultAddress = "unix:/tmp/sensor.sock";

    public CommandGroup Group => CommandGroup.Requests;

    public Command Create()
    {
        var command = new Command(
            "publish",
            "Publishes a value at an edge and prints its sequence number, or the lines 'topic value' of standard input. "
                + $"Example: netproto publish {DefaultAddress} room1/temperature 21.5");
        var connection = new ConnectionArguments(command, DefaultAddress);
        var topic = new Argument<string?>("topic")
        {
            Description = "The topic; without it the lines of standard input are published",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var value = new Argument<string?>("value") { Description = "The value; it may be empty", Arity = ArgumentArity.ZeroOrOne };
        var lane = new Option<Lane>("--lane") { Description = "bulk, or alarm for what must not wait behind a backlog" };
        var timeToLive = new Option<int?>("--ttl") { Description = "How many seconds the value is worth sending; for ever if not given" };
        var time = Times.Option("--time", "When the value was measured; the edge's clock counts if not given");
        var keepGoing = new Option<bool>("--keep-going") { Description = "Do not stop at the first line that is refused" };
        foreach (var argument in new Argument[] { topic, value })
        {
            command.Add(argument);
        }

        foreach (var option in new Option[] { lane, timeToLive, time, keepGoing })
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancellationToken) => connection.RunAsync(parsed, async connect =>
        {
            Publication Complete(Publication publication) => publication with
            {
                Time = parsed.GetValue(time),
                Lane = parsed.GetValue(lane),
                TimeToLive = parsed.GetValue(timeToLive) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            };
            if (parsed.GetValue(topic) is { } name)
            {
                var text = parsed.GetValue(value)
                    ?? throw new ArgumentException($"the value of {name} is missing; give '' for an empty one (see --help)");
                var publication = Complete(new Publication(name, Encoding.UTF8.GetBytes(text)));
                var encoded = publication.ProblemOf() is { } problem ? throw new ArgumentException(problem) : publication.Encode();
                await using var edge = await connect();
                var sequence = await PublishRun.ReadAnswerAsync(PublishRun.Send(edge, encoded, cancellationToken));
                connection.Print(parsed, FormattableString.Invariant($"{sequence}"), ("sequence", sequence));
                return;
            }

            // Checked before the first line, because it would be the same problem in each of them.
            if (Complete(new Publication("topic", default)).ProblemOf() is { } wrong)
            {
                throw new ArgumentException(wrong);
            }

            await using var server = await connect();
            await using var input = Console.OpenStandardInput();
            var run = new PublishRun(server, Complete, parsed.GetValue(keepGoing));
            var result = await run.PublishAsync(input, cancellationToken);
            connection.Print(parsed, result.Text, result.Fields);
            result.ThrowIfIncomplete();
        }, cancellationToken));
        return command;
    }
}
