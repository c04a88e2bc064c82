using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace NetworkProtocol.Edge.Intake.Mqtt;

/// <summary>
/// A connection of one MQTT client. It reads all packets that have come, gives their messages to the buffer, and answers all of them when
/// the disk has them. Then it reads again: a client that does not wait for each PUBACK has one commit for what it has sent meanwhile.
/// </summary>
internal sealed class MqttConnection : IDisposable
{
    /// <summary>The packets that are answered together, and so the messages of a client without PUBACK: its Receive Maximum.</summary>
    public const int MaxBatch = 256;

    /// <summary>The largest CONNECT: the client is a stranger until then.</summary>
    private const int MaxConnectBytes = 16 * 1024;

    /// <summary>How long a client may take to send CONNECT.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a client may take to read answers while its buffers are full.</summary>
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long messages may wait for room in the buffer once the connection ends.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>How long the edge waits for the client to close, so that what it was told last is not lost in a reset.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    private readonly ConnectionContext _context;
    private readonly MqttServices _services;
    private readonly MqttPacketFormatterAdapter _formatter = new(new MqttBufferWriter(256, 4096));
    private readonly CancellationTokenSource _giveUp;
    private readonly ITimer _deadline;
    private readonly CancellationTokenRegistration _stopping;
    private readonly CancellationTokenRegistration _gone;
    private MqttRefusal? _end;
    private string? _clientId;
    private TimeSpan _patience = ConnectTimeout;
    private long _lastPacket;
    private MqttBatch? _answering;

    public MqttConnection(ConnectionContext context, MqttServices services)
    {
        (_context, _services) = (context, services);
        _giveUp = new CancellationTokenSource(Timeout.InfiniteTimeSpan, services.Time);
        _lastPacket = services.Time.GetTimestamp();
        _deadline = services.Time.CreateTimer(
            _ => End(new(MqttDisconnectReasonCode.KeepAliveTimeout, $"The client was silent for {_patience.TotalSeconds} s")),
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        _stopping = context.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.Register(
            () => End(new(MqttDisconnectReasonCode.ServerShuttingDown, "The edge stops"))) ?? default;
        _gone = context.ConnectionClosed.Register(GiveUpSoon);
    }

    private PipeReader Input => _context.Transport.Input;

    private PipeWriter Output => _context.Transport.Output;

    private bool IsVersion5 => _formatter.ProtocolVersion == MqttProtocolVersion.V500;

    /// <summary>Ends the connection once the messages that have come are answered. Any thread may call it.</summary>
    public void End(MqttRefusal refusal)
    {
        if (Interlocked.CompareExchange(ref _end, refusal, null) is null)
        {
            Input.CancelPendingRead();
            GiveUpSoon();
        }
    }

    /// <summary>Serves the client until the connection ends.</summary>
    public async Task RunAsync()
    {
        try
        {
            if (await ConnectAsync())
            {
                await ServeAsync();
                await LeaveAsync();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or TimeoutException)
        {
            // The client is gone, reads no answers, or its messages found no room in time: nobody is left to be told.
            _context.Abort(new ConnectionAbortedException("The client does not answer", e));
        }
        finally
        {
            if (_clientId is not null)
            {
                _services.Clients.Remove(_clientId, this);
            }
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _gone.Dispose();
        _deadline.Dispose();
        _giveUp.Dispose();
    }

    private async Task<bool> ConnectAsync()
    {
        MqttConnectPacket? connect = null;
        while (connect is null)
        {
            var read = await ReadAsync();
            var buffer = read.Buffer;
            try
            {
                connect = TakeConnect(ref buffer);
            }
            catch (Exception e) when (IsClientsFault(e))
            {
                MqttLog.Refused(_services.Logger, _context.RemoteEndPoint, e.Message);
                return false;
            }
            finally
            {
                Input.AdvanceTo(buffer.Start, connect is null ? buffer.End : buffer.Start);
            }

            if (connect is null && (read.IsCompleted || _end is not null))
            {
                return false;
            }
        }

        return await AnswerAsync(connect);
    }

    private MqttConnectPacket? TakeConnect(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.Length > 0 && buffer.FirstSpan[0] != (byte)MqttControlPacketType.Connect << 4)
        {
            throw new MqttProtocolViolationException("The first packet is no CONNECT of MQTT");
        }

        if (!MqttFrame.TryTake(ref buffer, MaxConnectBytes, out var packet))
        {
            return null;
        }

        _formatter.DetectProtocolVersion(packet);
        return MqttConnect.IsSessionWithoutName(packet.Body, _formatter.ProtocolVersion)
            ? new MqttConnectPacket { ClientId = "", CleanSession = false }
            : (MqttConnectPacket)_formatter.Decode(packet);
    }

    private async Task<bool> AnswerAsync(MqttConnectPacket connect)
    {
        var options = _services.Options;
        if (MqttConnect.Judge(connect, _formatter.ProtocolVersion, options) is var (code, reason))
        {
            MqttLog.Refused(_services.Logger, _context.RemoteEndPoint, reason);
            if (MqttConnect.Refuse(code, reason, _formatter.ProtocolVersion) is { } refusal)
            {
                Write(refusal);
                await FlushAsync();
                await LingerAsync();
            }

            return false;
        }

        var keepAlive = MqttConnect.KeepAliveOf(connect, _formatter.ProtocolVersion, options);
        _patience = keepAlive * 1.5; // as the specifications say
        _clientId = connect.ClientId.Length > 0 ? connect.ClientId : $"auto-{Guid.NewGuid():N}";
        _answering = new MqttBatch(_services, connect, IsVersion5);
        _services.Clients.Add(_clientId, this);
        Write(MqttConnect.Accept(connect, _clientId, keepAlive));
        await FlushAsync();
        return true;
    }

    private async Task ServeAsync()
    {
        while (_end is null)
        {
            var read = await ReadAsync();
            var count = Take(read.Buffer);
            foreach (var answer in _answering!.Answers)
            {
                var (packet, end) = await answer;
                if (packet is not null)
                {
                    Write(packet);
                }

                if (end is not null)
                {
                    End(end);
                }
            }

            await FlushAsync();
            if (count == 0 && read.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Takes the packets that have come, and returns their number.</summary>
    private int Take(ReadOnlySequence<byte> buffer)
    {
        var count = 0;
        _answering!.Clear();
        try
        {
            while (count < MaxBatch && _end is null && MqttFrame.TryTake(ref buffer, MqttServices.MaxPacketBytes, out var packet))
            {
                count++;
                if (_answering.Add(packet.FixedHeader, _formatter.Decode(packet), _giveUp.Token) is { } end)
                {
                    End(end);
                }
            }
        }
        catch (MqttPacketTooLargeException e)
        {
            End(new(MqttDisconnectReasonCode.PacketTooLarge, e.Message));
        }
        catch (Exception e) when (IsClientsFault(e))
        {
            End(MqttRefusal.Malformed(e.Message));
        }

        Input.AdvanceTo(buffer.Start, count == MaxBatch ? buffer.Start : buffer.End);
        if (count > 0)
        {
            _lastPacket = _services.Time.GetTimestamp();
        }

        return count;
    }

    // The time counts only while the edge waits for the client, and not while the client waits for the disk.
    private async ValueTask<ReadResult> ReadAsync()
    {
        if (Input.TryRead(out var read))
        {
            return read;
        }

        var left = _patience - _services.Time.GetElapsedTime(_lastPacket);
        _deadline.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        read = await Input.ReadAsync();
        _deadline.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        return read;
    }

    private void Write(MqttPacket packet)
    {
        Output.Write(_formatter.Encode(packet).Packet);
        _formatter.Cleanup();
    }

    private async ValueTask FlushAsync()
    {
        var flush = Output.FlushAsync();
        if (!flush.IsCompleted)
        {
            await flush.AsTask().WaitAsync(WriteTimeout, _services.Time);
        }
    }

    private async Task LeaveAsync()
    {
        if (_end is not { } end || end == MqttRefusal.Left)
        {
            return;
        }

        MqttLog.Ended(_services.Logger, _clientId!, _context.RemoteEndPoint, end.Reason);
        if (IsVersion5 && end.Code is { } code)
        {
            Write(new MqttDisconnectPacket { ReasonCode = code, ReasonString = _answering!.Explain(end.Reason) });
            await FlushAsync();
            await LingerAsync();
        }
    }

    private void GiveUpSoon()
    {
        try
        {
            _giveUp.CancelAfter(Grace);
        }
        catch (ObjectDisposedException)
        {
            // The connection has ended already.
        }
    }

    private async Task LingerAsync()
    {
        using var deadline = _services.Time.CreateTimer(_ => _context.Abort(), null, Linger, Timeout.InfiniteTimeSpan);
        for (ReadResult read = default; !read.IsCompleted;)
        {
            read = await Input.ReadAsync();
            Input.AdvanceTo(read.Buffer.End);
        }
    }

    // MQTTnet throws the first of these for nearly all that is malformed, and the others for a few packets.
    internal static bool IsClientsFault(Exception e) => e is MqttProtocolViolationException or MqttPacketTooLargeException
        or ArgumentException or InvalidOperationException or NotSupportedException or IndexOutOfRangeException or InvalidCastException;
}
