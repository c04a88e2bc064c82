using System.Globalization;
using System.Text;
using System.Threading.Channels;
using NetworkProtocol.Cli.Printing;
using NetworkProtocol.Client;
using NetworkProtocol.Forwarding;
using NetworkProtocol.Messages;

namespace NetworkProtocol.Cli.Commands.Requests;

/// <summary>
/// Publishes the lines of a stream. A line is sent while those before it wait for their answers, because an edge makes many messages
/// durable at once.
/// </summary>
/// <param name="server">The connection to the edge.</param>
/// <param name="complete">Adds the command's options to the publication of a line.</param>
/// <param name="keepGoing">Whether to go on after a line that is refused.</param>
internal sealed class PublishRun(ProtocolConnection server, Func<Publication, Publication> complete, bool keepGoing)
{
    private const int MaxInFlight = 256;

    private readonly Channel<SentLine> _sent = Channel.CreateBounded<SentLine>(MaxInFlight - 1);
    private long _accepted;
    private long _refused;
    private long? _last;
    private ProtocolClientException? _problem;

    /// <summary>Sends a publication.</summary>
    public static ValueTask<Message> Send(ProtocolConnection edge, byte[] encoded, CancellationToken cancellationToken) =>
        edge.RequestAsync(new Message.Custom(Publication.Command, encoded), cancellationToken);

    /// <summary>The sequence number that the edge answers.</summary>
    /// <exception cref="ProtocolClientException">The edge has refused the publication, or its answer is no number.</exception>
    public static async Task<long> ReadAnswerAsync(ValueTask<Message> answer) =>
        await answer is Message.Custom custom
        && long.TryParse(custom.Payload.Span, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : throw new ProtocolClientException("The server did not answer PUBLISH with a sequence number: it is no edge.");

    /// <summary>Publishes the lines until the stream ends, or until one is refused.</summary>
    public async Task<PublishResult> PublishAsync(Stream input, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(new LineReader(input), stop.Token, cancellationToken);
        await foreach (var line in _sent.Reader.ReadAllAsync(CancellationToken.None))
        {
            // After the first problem the lines in flight still get their answers, so that the count is true.
            if (!await TakeAnswerAsync(line))
            {
                await stop.CancelAsync();
            }
        }

        await sending;
        cancellationToken.ThrowIfCancellationRequested();
        return new PublishResult(_accepted, _refused, _last, _problem);
    }

    private async Task SendAsync(LineReader lines, CancellationToken stop, CancellationToken cancellationToken)
    {
        try
        {
            while (await lines.ReadAsync(stop) is { } line)
            {
                if (line.Length == 0)
                {
                    continue;
                }

                var sent = Send(lines, line, cancellationToken);
                await _sent.Writer.WriteAsync(sent, CancellationToken.None);
                if (sent.Problem is not null && !keepGoing)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A line was refused, or the user has ended the command.
        }
        catch (IOException e)
        {
            _problem ??= new ProtocolClientException($"standard input cannot be read: {e.Message}", e);
        }
        finally
        {
            _sent.Writer.Complete();
        }
    }

    private SentLine Send(LineReader lines, ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        try
        {
            var publication = lines.IsTooLong
                ? throw new EncodingException($"the line has more than {Publication.MaxEncodedBytes} bytes")
                : complete(Publication.Read(line));
            return new SentLine(lines.Number, Send(server, publication.Encode(), cancellationToken), Problem: null);
        }
        catch (EncodingException e)
        {
            return new SentLine(lines.Number, default, e.Message);
        }
    }

    /// <summary>Whether the run goes on.</summary>
    private async Task<bool> TakeAnswerAsync(SentLine line)
    {
        try
        {
            _last = line.Problem is { } problem
                ? throw new ProtocolClientException(ProtocolErrorKind.Remote, problem)
                : await ReadAnswerAsync(line.Answer);
            _accepted++;
            return true;
        }
        catch (ProtocolClientException e) when (e.Kind == ProtocolErrorKind.Remote)
        {
            _refused++;
            return await RefuseAsync($"line {line.Number}: {e.Message}");
        }
        catch (ProtocolClientException e)
        {
            // The edge may have accepted the lines without an answer.
            _problem ??= new ProtocolClientException(
                e.Kind, $"line {line.Number}: {e.Message} It is not known whether the edge has this line and those behind it.", e);
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> RefuseAsync(string text)
    {
        if (keepGoing)
        {
            await Console.Error.WriteLineAsync($"netproto: {Printable.Of(text)}");
            _problem ??= new ProtocolClientException(ProtocolErrorKind.Remote, "not all lines were accepted");
            return true;
        }

        _problem ??= new ProtocolClientException(ProtocolErrorKind.Remote, text);
        return false;
    }

    /// <summary>A line that was sent, or could not be.</summary>
    private readonly record struct SentLine(long Number, ValueTask<Message> Answer, string? Problem);
}
