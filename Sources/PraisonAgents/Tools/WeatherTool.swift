import PraisonCore

/// The weather somewhere, now and in the next days, from Open-Meteo, which asks for no key.
///
/// Source: https://open-meteo.com/en/docs
struct WeatherTool: Tool {
    private let client: ServiceClient
    private let geocoding: String
    private let weather: String

    init(http: any HTTPClient, services: ToolServices) {
        client = ServiceClient(http: http, name: "the weather service", refusal: "refuses to answer")
        geocoding = services.geocoding
        weather = services.weather
    }

    var definition: ModelRequest.Tool {
        ModelRequest.Tool(
            name: "get_weather",
            description: "The weather at a place: now, and a forecast for three days. Celsius and km/h.",
            parameters: [
                "type": "object",
                "properties": [
                    "location": ["type": "string", "description": "a town, such as Kiel or Portland, Oregon"]
                ],
                "required": ["location"],
            ])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        guard let place = (arguments["location"] ?? arguments["city"])?.string?.trimmed, !place.isEmpty else {
            throw ToolError("location is missing; write a town's name")
        }
        let found = try await locate(place)
        let fields = [
            ("latitude", found.latitude), ("longitude", found.longitude), ("timezone", "auto"), ("forecast_days", "3"),
            ("current", "temperature_2m,apparent_temperature,relative_humidity_2m,weather_code,wind_speed_10m"),
            ("daily", "weather_code,temperature_2m_max,temperature_2m_min,precipitation_probability_max"),
        ]
        let report = try await answer(
            "\(weather)/v1/forecast?\(FormEncoding.encode(fields.map { (name: $0.0, value: $0.1) }))")
        guard let now = report["current"], let temperature = now["temperature_2m"]?.scalarText else {
            throw ToolError("the weather service knows nothing about \(found.name) right now")
        }
        var lines = [
            "\(found.name): now \(Self.words(now["weather_code"])), \(temperature) °C"
                + (now["apparent_temperature"]?.scalarText.map { " (feels like \($0) °C)" } ?? "")
                + (now["wind_speed_10m"]?.scalarText.map { ", wind \($0) km/h" } ?? "")
                + (now["relative_humidity_2m"]?.scalarText.map { ", humidity \($0) %" } ?? "")
        ]
        lines += Self.days(report["daily"])
        return lines.joined(separator: "\n")
    }

    /// An error comes as `{"error": true, "reason": "…"}`, under whatever status.
    private func answer(_ url: String) async throws -> JSONDocument {
        let answer = try await client.json(url)
        guard answer["error"]?.bool == true else { return answer }
        let reason = LogText.line(answer["reason"]?.string ?? "it does not say why", key: nil, limit: 200)
        throw ToolError("the weather service has no answer: \(reason)")
    }

    private func locate(_ place: String) async throws -> (name: String, latitude: String, longitude: String) {
        // The service finds towns, not what stands behind a comma.
        let town = place.prefix { $0 != "," }.description.trimmed
        let fields = [(name: "name", value: town), (name: "count", value: "10")]
        let answer = try await answer("\(geocoding)/v1/search?\(FormEncoding.encode(fields))")
        let results = answer["results"]?.elements ?? []
        let region = place.dropFirst(town.count).drop { $0 == "," || $0 == " " }.lowercased()
        let best =
            results.first { result in
                let names = [result["admin1"], result["country"], result["country_code"]]
                return !region.isEmpty && names.contains { $0?.string?.lowercased() == region }
            } ?? results.first
        guard let best, let latitude = best["latitude"]?.scalarText, let longitude = best["longitude"]?.scalarText
        else {
            throw ToolError("no place called \(place.prefix(80)) is known; try the nearest town")
        }
        let parts = [best["name"]?.string, best["admin1"]?.string, best["country"]?.string].compactMap { $0 }
        return (parts.joined(separator: ", "), latitude, longitude)
    }

    private static func days(_ daily: JSONDocument?) -> [String] {
        guard let daily, let dates = daily["time"]?.elements else { return [] }
        return dates.indices.prefix(3).compactMap { index in
            guard let date = dates[index].string, let low = daily["temperature_2m_min"]?[index]?.scalarText,
                let high = daily["temperature_2m_max"]?[index]?.scalarText
            else { return nil }
            let rain = daily["precipitation_probability_max"]?[index]?.scalarText.map { ", rain \($0) %" }
            return "\(date): \(words(daily["weather_code"]?[index])), \(low) to \(high) °C\(rain ?? "")"
        }
    }

    /// WMO code 4677, as far as the service uses it.
    private static func words(_ code: JSONDocument?) -> String {
        switch code?.int {
        case 0: "clear sky"
        case 1: "mainly clear"
        case 2: "partly cloudy"
        case 3: "overcast"
        case 45, 48: "fog"
        case 51, 53, 55: "drizzle"
        case 56, 57: "freezing drizzle"
        case 61: "light rain"
        case 63: "rain"
        case 65: "heavy rain"
        case 66, 67: "freezing rain"
        case 71, 73, 75, 77: "snow"
        case 80, 81, 82: "showers"
        case 85, 86: "snow showers"
        case 95, 96, 99: "thunderstorm"
        default: "unknown weather"
        }
    }
}
