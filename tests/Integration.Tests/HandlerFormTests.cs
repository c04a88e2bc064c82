using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;
using NetworkProtocol.Server.Commands;
using static Integration.Tests.CommandSteps;

namespace Integration.Tests;

/// <summary>The parameters and results that a command's handler may have, and the payloads that carry them.</summary>
public sealed class HandlerFormTests
{
    [Fact]
    public async Task Payloads_are_read_and_written_as_JSON_with_a_generated_context_too()
    {
        await using var server = await TestServer.StartAsync(
            map: app =>
            {
                app.MapCommand("PRICE", (Order order, TimeProvider time, CancellationToken _) => new Price(order.Count * 2.5m));
                app.MapCommand("LATER", async (Order order) =>
                {
                    await Task.Yield();
                    return order with { Count = order.Count + 1 };
                });
                app.MapCommand("NOTHING", (Order? order) => (Price?)null);
                app.MapCommand("BYTES", (Order order) => new byte[] { 65, 66 });
            },
            services: services => services.ConfigureCommandJson(json => json.TypeInfoResolverChain.Insert(0, OrderContext.Default)));
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        const string Good = """{"name":"screws","count":4}""";
        await AssertAnswerAsync(client, Custom("PRICE", Good), """PRICE {"total":10.0}""");
        await AssertAnswerAsync(client, Custom("LATER", Good), """LATER {"name":"screws","count":5}""");
        await AssertAnswerAsync(client, Custom("BYTES", Good), "BYTES AB");
        await client.SendAsync(Custom("NOTHING", Good), new Message.Ping());
        Assert.IsType<Message.Pong>(await client.ReadAsync());
        foreach (var bad in (string[])["", "{", "null", "[]", """{"name":"screws","count":"four"}""", "\u0001", new string('[', 100)])
        {
            await client.SendAsync(Custom("PRICE", bad));
            var error = Text(await client.ReadAsync());
            Assert.StartsWith("Command PRICE: The payload is n", error, StringComparison.Ordinal);
            Assert.DoesNotContain(nameof(Order), error, StringComparison.Ordinal);
        }

        await AssertAnswerAsync(
            client, Custom("PRICE", """{"name":"screws","count":"four"}"""),
            "ERROR Command PRICE: The payload is not the JSON that the command takes: see $.count, line 1, byte 32");
    }

    [Fact]
    public async Task Another_serializer_takes_the_place_of_JSON()
    {
        await using var server = await TestServer.StartAsync(
            map: app => app.MapCommand("ADD", (Order order) => order with { Count = order.Count + 1 }),
            services: services => services.AddSingleton<IPayloadSerializer, Lines>());
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await AssertAnswerAsync(client, Custom("ADD", "screws 4"), "ADD screws 5");
        await AssertAnswerAsync(client, Custom("ADD", "screws"), "ERROR Command ADD: name and count are missing");
    }

    [Fact]
    public async Task A_borrowed_payload_is_answered_whatever_its_size_and_an_answer_may_be_missing()
    {
        await using var server = await TestServer.StartAsync(map: app =>
        {
            app.MapCommand("BORROW", (context, payload, answer) =>
            {
                Assert.True(context.Payload.Span.SequenceEqual(payload));
                answer.Write(payload);
                return payload.Length != 1;
            });
            app.MapCommand("HUGE", (_, _, answer) =>
            {
                while (true)
                {
                    answer.Write(new byte[1024 * 1024]);
                }
            });
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        foreach (var length in (int[])[0, 2, 255, 256, 257, 70_000, 1_000_000])
        {
            var text = new string('x', length);
            await AssertAnswerAsync(client, Custom("BORROW", text), $"BORROW {text}");
        }

        await client.SendAsync(Custom("BORROW", "x"), new Message.Ping());
        Assert.IsType<Message.Pong>(await client.ReadAsync());
        await AssertAnswerAsync(client, Custom("HUGE", ""), "ERROR Command HUGE failed");
    }

    [Fact]
    public async Task Functions_of_every_form_are_given_what_they_ask_for()
    {
        await using var server = await TestServer.StartAsync(map: app =>
        {
            app.MapCommand("LIST", (IEnumerable<int> numbers) => numbers.Sum());
            app.MapCommand("BYTES", (byte[] bytes) => bytes.AsMemory(1));
            app.MapCommand("EXTENSION", "prefix ".Join);
            app.MapCommand("TASK", Task<string> (string text) => new Derived(text));
            app.MapCommand("GROUP", Method);
        });
        await using var client = await WireClient.ConnectSecureAsync(server.EndPoint);
        await AssertAnswerAsync(client, Custom("LIST", "[1,2,3]"), "LIST 6");
        await AssertAnswerAsync(client, Custom("BYTES", "abc"), "BYTES bc");
        await AssertAnswerAsync(client, Custom("EXTENSION", "abc"), "EXTENSION prefix abc");
        await AssertAnswerAsync(client, Custom("TASK", "abc"), "TASK abc");
        await AssertAnswerAsync(client, Custom("GROUP", "abc"), "GROUP 3");
    }

    private static int Method(string text) => text.Length;

    private sealed class Derived : Task<string>
    {
        public Derived(string text)
            : base(() => text) => RunSynchronously();
    }

    internal sealed record Order(string Name, int Count);

    internal sealed record Price(decimal Total);

    private sealed class Lines : IPayloadSerializer
    {
        public T Read<T>(ReadOnlySpan<byte> payload) => Encoding.UTF8.GetString(payload).Split(' ') is [var name, var count]
            ? (T)(object)new Order(name, int.Parse(count, CultureInfo.InvariantCulture))
            : throw new PayloadException("name and count are missing");

        public void Write<T>(IBufferWriter<byte> payload, T value) =>
            payload.Write(Encoding.UTF8.GetBytes(value is Order order ? $"{order.Name} {order.Count}" : ""));
    }
}

internal static class Prefixes
{
    public static string Join(this string prefix, string text) => prefix + text;
}

[JsonSerializable(typeof(HandlerFormTests.Order))]
[JsonSerializable(typeof(HandlerFormTests.Price))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class OrderContext : JsonSerializerContext;
